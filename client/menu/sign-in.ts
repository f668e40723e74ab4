import { type ConnectOptions, connect as connectSdk, type ErrorCode, KeyroomError, type Store } from "../sdk/index.ts";
import { Back } from "../terminal/question.ts";
import { serverUrl } from "../terminal/server-url.ts";
import type { Conversation } from "./conversation.ts";
import type { MenuOptions } from "./options.ts";
import { complain, tell } from "./tone.ts";
import { askServer, askUser, checkPassword, type HostAndPort } from "./who-and-where.ts";

/** After these another server may help; after the other errors another name. */
const SERVER_TROUBLE: readonly ErrorCode[] = ["unavailable", "timeout", "unsupported", "internal"];
/** After these another password may help. */
const PASSWORD_TROUBLE: readonly ErrorCode[] = ["unauthenticated", "rate_limited"];

/**
 * Asks until somebody is signed in. Answers stay as defaults for the next time.
 *
 *     server ────▶ name ────▶ kept token, ───refused, but there is a name───▶ password ⟲ wrong
 *       ▲           ▲         or none ──────────────┐                            │
 *       │           │ Esc, taken, refused           ▼                            │
 *       └───────────┴──────────────────────────  signed in ◀─────────────────────┘
 *      Esc, unreachable
 */
export class SignIn {
  readonly #options: MenuOptions;
  readonly #talk: Conversation;
  #server: HostAndPort;
  /** Null is the anonymous guest. */
  #user: string | null;
  #password: string | undefined;
  #hasServer: boolean;
  #hasUser: boolean;

  constructor(options: MenuOptions, talk: Conversation) {
    this.#options = options;
    this.#talk = talk;
    this.#server = { host: options.host ?? "127.0.0.1", port: options.port ?? 3000 };
    this.#user = options.user ?? null;
    this.#password = options.password;
    this.#hasServer = options.host !== undefined && options.port !== undefined;
    this.#hasUser = options.user !== undefined;
  }

  /** `HOST:PORT`, to show. */
  get server(): string {
    return this.#url.replace(/^https?:\/\//, "");
  }

  /** @throws Interrupted */
  async run(): Promise<Store> {
    for (;;) {
      try {
        if (!this.#hasServer) this.#server = await askServer(this.#talk, this.#server);
        this.#hasServer = true;
        if (!this.#hasUser) this.#user = await askUser(this.#talk, this.#user);
        this.#hasUser = true;
        const store = await this.#enter();
        this.#hasUser = false;
        return store;
      } catch (error) {
        this.#goBack(error);
      }
    }
  }

  /** Keeps the token of the user signed in last. */
  keep(token: string): Promise<void> {
    return this.#options.credentials.save(this.#url, this.#user, token);
  }

  forget(): Promise<void> {
    return this.#options.credentials.forget(this.#url, this.#user);
  }

  get #url(): string {
    return serverUrl({ ...this.#server, secure: this.#options.secure ?? false }) ?? "";
  }

  async #enter(): Promise<Store> {
    const token = await this.#options.credentials.find(this.#url, this.#user);
    const kept = token === undefined ? undefined : await this.#unlessRefused(this.#connect({ token }));
    if (kept !== undefined) return kept;
    if (token !== undefined) await this.#forgetRefused();
    // Without a password first: it may not be needed, and an unreachable server shows before it is typed.
    if (this.#user === null) return this.#connect({});
    return (await this.#unlessRefused(this.#connect({}))) ?? this.#enterByPassword();
  }

  async #enterByPassword(): Promise<Store> {
    for (;;) {
      const password = this.#password ?? (await this.#talk.secret(`Password of ${this.#user}`, checkPassword));
      this.#password = undefined;
      try {
        return await this.#connect({ password });
      } catch (error) {
        if (!(error instanceof KeyroomError && PASSWORD_TROUBLE.includes(error.code))) throw error;
        complain(this.#talk, error);
      }
    }
  }

  async #connect(credentials: Pick<ConnectOptions, "token" | "password">): Promise<Store> {
    const { connect = connectSdk, ca } = this.#options;
    const user = this.#user === null ? {} : { user: this.#user };
    const trust = ca === undefined ? {} : { ca };
    const store = connect(this.#url, { ...user, ...trust, ...credentials, retry: false });
    try {
      return await this.#talk.wait(`Connecting to ${this.server}`, store);
    } catch (error) {
      // After Ctrl-C it may still come, and nobody wants it any more.
      store.then((abandoned) => abandoned.close()).catch(() => undefined);
      throw error;
    }
  }

  async #unlessRefused(store: Promise<Store>): Promise<Store | undefined> {
    try {
      return await store;
    } catch (error) {
      if (error instanceof KeyroomError && error.code === "unauthenticated") return undefined;
      throw error;
    }
  }

  async #forgetRefused(): Promise<void> {
    await this.forget();
    tell(
      this.#talk,
      this.#user === null
        ? "The server no longer knows the guest you were here. You become a new one."
        : `The sign-in kept on this computer for ${this.#user} is no longer good.`,
    );
  }

  #goBack(error: unknown): void {
    const toServer = error instanceof Back ? !this.#hasUser : SERVER_TROUBLE.includes(complain(this.#talk, error).code);
    if (toServer) this.#hasServer = false;
    else this.#hasUser = false;
  }
}
