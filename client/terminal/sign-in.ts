import { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
import type { ConnectOptions, Store } from "../sdk/index.ts";
import type { Credentials } from "./credentials.ts";

export interface SignIn {
  readonly url: string;
  /** Null is the anonymous guest of this home directory. */
  readonly user: string | null;
  readonly credentials: Pick<Credentials, "find" | "save" | "alone">;
  dial(identity: Pick<ConnectOptions, "user" | "password" | "token">): Promise<Store>;
  /** The password, as far as it needs no asking. */
  passwordAtHand(): Promise<string | undefined>;
  /** Asks for it; undefined where nobody is there. */
  readonly askPassword: (() => Promise<string>) | undefined;
  /**
   * Told why a password was refused, before another one is asked for.
   * @default a refused password is the end
   */
  readonly refused?: (why: KeyroomError) => void;
  /**
   * What whoever gives no name is told where a server takes no guests.
   * @default the server's words
   */
  readonly nameWanted?: string;
  say(sentence: string): void;
}

/** For programs that ask for no name. */
export const NAME_WANTED = "This server takes no anonymous guests. Sign in: add --user NAME, or set KEYROOM_USER.";
const PASSWORD_WANTED =
  "This user signs in with a password. Set KEYROOM_PASSWORD, use --password-file FILE, or run it on a terminal.";

/** After these another password may help. */
const PASSWORD_TROUBLE: readonly ErrorCode[] = ["unauthenticated", "rate_limited"];

/**
 * Connects as the user, with what costs least: the kept token, then the password. Keeps the session's token.
 *
 *     kept token ──refused, none──▶ password at hand ──none──▶ no password ──refused──▶ asked for ⟲ refused
 */
export async function signIn(how: SignIn): Promise<Store> {
  const store = how.user === null ? await asGuest(how) : await asUser(how, how.user);
  await how.credentials.save(how.url, how.user, store.session.token);
  return store;
}

async function asGuest(how: SignIn): Promise<Store> {
  const { url, credentials, dial } = how;
  const token = await credentials.find(url, null);
  const known = token === undefined ? undefined : await unlessRefused(dial({ token }));
  if (known !== undefined) return known;
  // Whoever comes first makes the guest, the others find its token.
  return credentials.alone(async () => {
    const newer = await credentials.find(url, null);
    if (newer !== undefined && newer !== token) return dial({ token: newer });
    if (token !== undefined) how.say(`${url} no longer knows the guest you were. You are a new one.`);
    const store = await dial({}).catch(refusedAs(how.nameWanted));
    await credentials.save(url, null, store.session.token);
    return store;
  });
}

async function asUser(how: SignIn, user: string): Promise<Store> {
  const { url, credentials, dial } = how;
  const token = await credentials.find(url, user);
  const known = token === undefined ? undefined : await unlessRefused(dial({ user, token }));
  if (known !== undefined) return known;
  const password = await how.passwordAtHand();
  if (password !== undefined) return byPassword(how, user, password);
  if (how.askPassword === undefined) return dial({ user }).catch(refusedAs(PASSWORD_WANTED));
  // A server may take names without passwords: asked first, so that nobody types one for nothing.
  const open = await unlessRefused(dial({ user }));
  if (open !== undefined) return open;
  if (token !== undefined) how.say(`The sign-in kept on this computer for ${user} is no longer good.`);
  return byPassword(how, user, await how.askPassword());
}

async function byPassword(how: SignIn, user: string, atHand: string): Promise<Store> {
  const { askPassword, refused, dial } = how;
  for (let password = atHand; ; ) {
    try {
      return await dial({ user, password });
    } catch (error) {
      const mayHelp = error instanceof KeyroomError && PASSWORD_TROUBLE.includes(error.code);
      if (!mayHelp || refused === undefined || askPassword === undefined) throw error;
      refused(error);
      password = await askPassword();
    }
  }
}

async function unlessRefused(dialled: Promise<Store>): Promise<Store | undefined> {
  try {
    return await dialled;
  } catch (error) {
    if (error instanceof KeyroomError && error.code === "unauthenticated") return undefined;
    throw error;
  }
}

/** Says what to do about a refusal, in words that belong to the program. */
function refusedAs(sentence: string | undefined): (error: unknown) => never {
  return (error) => {
    const isRefusal = error instanceof KeyroomError && error.code === "unauthenticated";
    if (!isRefusal || sentence === undefined) throw error;
    throw new KeyroomError("unauthenticated", sentence, { cause: error });
  };
}
