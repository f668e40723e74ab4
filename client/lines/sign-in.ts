import { UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { type ErrorCode, KeyroomError, type Store } from "../sdk/index.ts";
import { signIn } from "../terminal/sign-in.ts";
import { dial } from "./dial.ts";
import type { LinesOptions } from "./options.ts";
import { Cancelled, type LineReader } from "./reader.ts";
import { unlessAborted } from "./session.ts";
import type { Talk } from "./talk.ts";

/** After these another name or password does not help. */
const SERVER_TROUBLE: readonly ErrorCode[] = ["unavailable", "timeout", "unsupported", "internal"];

/** Asks for name and password until somebody is signed in. */
export class LineSignIn {
  readonly #options: LinesOptions;
  readonly #reader: LineReader;
  readonly #talk: Talk;
  /** Null is the anonymous guest; undefined has to be asked for. */
  #user: string | null | undefined;
  #isFirst = true;

  constructor(options: LinesOptions, reader: LineReader, talk: Talk) {
    this.#options = options;
    this.#reader = reader;
    this.#talk = talk;
    this.#user = options.user;
  }

  /** @throws KeyroomError where there is no server, and what ends the reader */
  async run(): Promise<Store> {
    for (;;) {
      const isGiven = this.#isFirst && this.#options.user !== undefined;
      this.#isFirst = false;
      try {
        if (!isGiven) this.#user = await this.#askName();
        const store = await this.#enter(this.#user ?? null, isGiven);
        const { user, role } = store.session;
        this.#talk.remark(`Signed in as ${user}, a ${role}. Type help to see what there is.`);
        return store;
      } catch (error) {
        if (error instanceof Cancelled) continue;
        if (!(error instanceof KeyroomError) || SERVER_TROUBLE.includes(error.code)) throw error;
        this.#talk.complain(error.message);
      }
    }
  }

  /** Keeps the token of the user signed in last. */
  keep(token: string): Promise<void> {
    return this.#options.credentials.save(this.#options.url, this.#user ?? null, token);
  }

  forget(): Promise<void> {
    return this.#options.credentials.forget(this.#options.url, this.#user ?? null);
  }

  async #askName(): Promise<string | null> {
    const name = (await this.#reader.ask("Name (empty: anonymous guest): ")).trim();
    return name === "" ? null : parse(UserName, "A name", name);
  }

  async #enter(user: string | null, isGiven: boolean): Promise<Store> {
    const { url, credentials, passwordAtHand } = this.#options;
    const entering = signIn({
      url,
      user,
      credentials,
      dial: (identity) => dial(this.#options, identity),
      passwordAtHand: async () => (isGiven ? passwordAtHand() : undefined),
      askPassword: () => this.#reader.ask(`Password of ${user ?? ""}: `, { isSecret: true, isOptional: true }),
      say: (sentence) => this.#talk.announce(sentence),
    });
    // After Ctrl-C it may still come, and nobody wants it any more.
    const { ended } = this.#reader;
    entering.then((store) => ended.aborted && store.close()).catch(() => undefined);
    return unlessAborted(entering, ended);
  }
}
