import { setTimeout as sleep } from "node:timers/promises";
import { KeyroomError } from "../../protocol/errors.ts";
import type { ConnectOptions, ErrorCode, Store } from "../sdk/index.ts";
import { LocalError } from "../terminal/local-error.ts";
import type { Profile } from "../terminal/profiles.ts";
import { Back } from "../terminal/question.ts";
import { readCa } from "../terminal/read-ca.ts";
import { serverUrl } from "../terminal/server-url.ts";
import { signIn } from "../terminal/sign-in.ts";
import type { MenuOptions } from "./options.ts";
import type { Talk } from "./talk.ts";
import { complain, tell } from "./tone.ts";
import { askPlace, askUser, checkPassword, type Place } from "./who-and-where.ts";

/** After these another server may help; after the other errors another name. */
const SERVER_TROUBLE: readonly ErrorCode[] = ["unavailable", "timeout", "unsupported", "internal"];

/** To connect. */
const CONNECT_MS = 10_000;
/** The longest a timer can take: 24 days. */
const FOR_EVER_MS = 2 ** 31 - 1;

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
  readonly #talk: Talk;
  #place: Place;
  /** Where one has been, or tried to go. */
  #last: Place | null;
  /** Null is the anonymous guest. */
  #user: string | null;
  #password: string | undefined;
  #hasServer: boolean;
  #hasUser: boolean;

  constructor(options: MenuOptions, talk: Talk) {
    this.#options = options;
    this.#talk = talk;
    const { host = "127.0.0.1", port = 3000, secure = false, caFile, room } = options;
    this.#place = { host, port, secure, caFile, room };
    this.#user = options.user ?? null;
    this.#password = options.password;
    this.#hasServer = options.host !== undefined && options.port !== undefined;
    this.#hasUser = options.user !== undefined;
    this.#last = this.#hasServer ? this.#place : null;
  }

  get url(): string {
    return serverUrl(this.#place) ?? "";
  }

  /** `HOST:PORT`, to show. */
  get server(): string {
    return this.url.replace(/^https?:\/\//, "");
  }

  /** Whose room a manager works in to begin with; undefined is the own one. */
  get room(): string | undefined {
    return this.#place.room;
  }

  /** @throws Interrupted */
  async run(): Promise<Store> {
    for (;;) {
      try {
        if (!this.#hasServer) await this.#goSomewhere();
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
    return this.#options.credentials.save(this.url, this.#user, token);
  }

  /** After a session that the user has left: what was kept for it is forgotten, or the server is asked for anew. */
  async leave(hasLoggedOut: boolean): Promise<void> {
    if (hasLoggedOut) await this.#forget();
    else this.#hasServer = false;
  }

  /** The words of a command line up to the server's port, for the user signed in last. */
  get program(): readonly string[] {
    const user = this.#user === null ? [] : ["--user", this.#user];
    const { host, port, secure, caFile } = this.#place;
    const trust = caFile === undefined ? (secure ? ["--tls"] : []) : ["--ca", caFile];
    return ["keyroom", ...trust, ...user, host, String(port)];
  }

  #forget(): Promise<void> {
    return this.#options.credentials.forget(this.url, this.#user);
  }

  get #profiles(): readonly Profile[] {
    try {
      return this.#options.profiles?.() ?? [];
    } catch (error) {
      complain(this.#talk, error);
      return [];
    }
  }

  async #goSomewhere(): Promise<void> {
    // The terms of a profile are not those of a server that is typed.
    const { secure = false, caFile } = this.#options;
    this.#place = await askPlace(this.#talk, this.#profiles, { ...this.#place, secure, caFile }, this.#last);
    this.#last = this.#place;
    this.#hasServer = true;
    if (this.#place.user === undefined) return;
    this.#user = this.#place.user;
    this.#hasUser = true;
  }

  #enter(): Promise<Store> {
    const user = this.#user;
    return signIn({
      url: this.url,
      user,
      credentials: this.#options.credentials,
      dial: (identity) => this.#connect(identity),
      passwordAtHand: async () => this.#takePassword(),
      askPassword: () => this.#talk.secret(`Password of ${user}`, checkPassword),
      refused: (why) => void complain(this.#talk, why),
      say: (sentence) => tell(this.#talk, sentence),
    });
  }

  /** That of the command line is for the first sign-in. */
  #takePassword(): string | undefined {
    const password = this.#password;
    this.#password = undefined;
    return password;
  }

  async #connect(identity: Pick<ConnectOptions, "user" | "token" | "password">): Promise<Store> {
    const store = this.#dial(identity);
    const late = new AbortController();
    try {
      return await this.#talk.wait(`Connecting to ${this.server}`, Promise.race([store, tooLate(late.signal)]));
    } catch (error) {
      // It may still come, and nobody wants it any more.
      store.then((abandoned) => abandoned.close()).catch(() => undefined);
      throw error;
    } finally {
      late.abort();
    }
  }

  async #dial(identity: Pick<ConnectOptions, "user" | "token" | "password">): Promise<Store> {
    // Only now: the first question should not wait for it.
    const connect = this.#options.connect ?? (await import("../sdk/index.ts")).connect;
    const ca = await readCa(this.#place.caFile);
    const trust = ca === undefined ? {} : { ca };
    // What is asked for while the server is away waits until it is back, or until the user no longer wants to.
    return connect(this.url, { ...trust, ...identity, retry: false, deadlineMs: FOR_EVER_MS });
  }

  #goBack(error: unknown): void {
    if (error instanceof Back ? !this.#hasUser : isOfServer(complain(this.#talk, error))) this.#hasServer = false;
    else this.#hasUser = false;
  }
}

function isOfServer(error: KeyroomError | LocalError): boolean {
  return error instanceof LocalError || SERVER_TROUBLE.includes(error.code);
}

/** Rejects after as long as anybody waits for a server. */
async function tooLate(signal: AbortSignal): Promise<never> {
  await sleep(CONNECT_MS, undefined, { signal });
  throw new KeyroomError("unavailable", "The server did not answer in time.");
}
