import { KeyroomError } from "../../protocol/errors.ts";
import type { Auth } from "../../protocol/handshake.ts";
import { type Account, type Accounts, hashToken } from "./accounts.ts";
import { type Guests, passingName } from "./guests.ts";
import type { Passwords } from "./passwords.ts";

/** Somebody who has shown who he is, and the token with which he can do so again. */
export interface Identity {
  readonly account: Account;
  readonly token: string;
  readonly tokenHash: string;
}

/** @throws KeyroomError with what is wrong and what to do */
export type SignIn = (auth: Auth, address: string) => Promise<Identity>;

/** Accounts with passwords; without a name, anonymous guests if there are any. */
export function passwordSignIn(accounts: Accounts, passwords: Passwords, guests: Guests | null): SignIn {
  const identify = async ({ user, password }: Auth, address: string): Promise<Account> => {
    if (user !== undefined && password !== undefined) return passwords.signIn(user, password, address);
    if (user !== undefined) throw new KeyroomError("unauthenticated", `${user} needs a password to sign in.`);
    if (password !== undefined) throw new KeyroomError("invalid", "A password came without a user name.");
    if (guests === null) throw new KeyroomError("unauthenticated", "This server knows no anonymous guests. Sign in.");
    return guests.create(address);
  };
  return async (auth, address) => {
    const known = byToken(accounts, auth);
    if (known !== null) return known;
    if (auth.token !== undefined && auth.password === undefined) throw refusedToken();
    return withNewToken(accounts, await identify(auth, address));
  };
}

/** A user is whoever holds the name: no passwords, and only a token leads back to a name that is held. */
export function nameSignIn(accounts: Accounts): SignIn {
  return async (auth) => {
    const known = byToken(accounts, auth);
    if (known !== null) return known;
    if (auth.token !== undefined && auth.user === undefined) throw refusedToken();
    return withNewToken(accounts, accounts.create(auth.user ?? passingName(accounts), "held"));
  };
}

function byToken(accounts: Accounts, { token, user }: Auth): Identity | null {
  if (token === undefined) return null;
  const account = accounts.findByToken(token);
  if (account === undefined || (user !== undefined && user !== account.name)) return null;
  return { account, token, tokenHash: hashToken(token) };
}

/** A token that a restart would forget is not handed out, unless its account is forgotten too. */
async function withNewToken(accounts: Accounts, account: Account): Promise<Identity> {
  const token = accounts.issueToken(account);
  const tokenHash = hashToken(token);
  try {
    if (account.kept) await accounts.save();
  } catch (error) {
    accounts.revokeToken(tokenHash);
    throw error;
  }
  return { account, token, tokenHash };
}

function refusedToken(): KeyroomError {
  return new KeyroomError(
    "unauthenticated",
    "The token is no longer good, perhaps since a restart of the server. Sign in again.",
  );
}
