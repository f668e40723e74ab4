import { Separator } from "@inquirer/core";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { Back } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import type { MenuSession } from "./session.ts";
import type { Suggestion, Suggestions } from "./talk.ts";
import type { Workroom } from "./workroom.ts";

/** Keys asked for at once: a room with fewer is asked for once, and suggestions then come without a delay. */
const PAGE = 50;
/** Chosen for the next page. No key is that long. */
const NEXT_PAGE = "…".repeat(1000);

/** A key that exists, or with `fresh` any key. `verb` begins the question: `Get`. */
export async function askKey(context: Context, verb: string, { fresh = false } = {}): Promise<string> {
  const { talk, room } = context;
  const whose = room.others === null ? "key" : `${printable(room.others)}'s key`;
  const suggester = new KeySuggester(context, talk.columns - 4, fresh);
  const ask = () =>
    talk.search(`${verb} ${whose}`, (typed) => suggester.suggest(typed), {
      typed: suggester.typed,
      wipe: (answer) => answer === NEXT_PAGE,
    });
  for (;;) {
    // Whoever goes back from an error shall not lose it with the question.
    const key = await ask().catch((error: unknown) => {
      throw error instanceof Back ? (suggester.failure ?? error) : error;
    });
    if (key !== NEXT_PAGE) return key;
    suggester.turn();
  }
}

interface Page {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

class KeySuggester {
  readonly #session: MenuSession;
  readonly #room: Workroom;
  readonly #columns: number;
  readonly #fresh: boolean;
  /** Keys by the form in which they are shown, which Tab puts in place of what was typed. */
  readonly #shown = new Map<string, string>();
  /** The last answer, and what it begins with. */
  #last: ({ readonly prefix: string } & Page) | null = null;
  /** Behind which key the pages of a prefix go on. */
  #turned: { readonly prefix: string; readonly after: string } | null = null;
  typed = "";
  /** Why there was no answer to what is typed. */
  failure: KeyroomError | null = null;

  constructor({ session, room }: Context, columns: number, fresh: boolean) {
    this.#session = session;
    this.#room = room;
    this.#columns = columns;
    this.#fresh = fresh;
  }

  /** To the page behind the one that was shown last. */
  turn(): void {
    const last = this.#last?.entries.at(-1);
    if (this.#last !== null && last !== undefined) this.#turned = { prefix: this.#last.prefix, after: last.key };
  }

  /** Never rejects: an error is shown where the keys would be. */
  async suggest(typed: string): Promise<Suggestions> {
    this.typed = typed;
    this.failure = null;
    const prefix = this.#shown.get(typed) ?? typed;
    try {
      const found = await this.#findWhileConnected(prefix);
      if (found === null) return this.#unseen(typed, prefix);
      const { entries, more } = found;
      const isThere = entries.some(({ key }) => key === prefix);
      return [
        ...(this.#fresh && prefix !== "" && !isThere && this.#turned === null ? [this.#newKey(prefix)] : []),
        ...entries.map((entry) => this.#suggestion(entry)),
        ...(entries.length === 0 ? this.#nothing(typed) : []),
        ...(more ? [{ value: NEXT_PAGE, name: "… more", description: "or type on to see fewer" }] : []),
      ];
    } catch (error) {
      if (!(error instanceof KeyroomError)) throw error;
      this.failure = error;
      return [new Separator(`! ${printable(error.message)}`)];
    }
  }

  /** Null where nobody knows when the server will be back to answer. */
  async #findWhileConnected(prefix: string): Promise<Page | null> {
    const lost = this.#session.connectionLost();
    try {
      return await Promise.race([this.#find(prefix), lost.promise]);
    } finally {
      lost.stop();
    }
  }

  #unseen(typed: string, key: string): Suggestions {
    const away = new Separator("The server is away: type the whole key.");
    return typed === ""
      ? [away]
      : [{ value: key, name: typed, description: "the server is away, and nobody knows of it" }];
  }

  async #find(prefix: string): Promise<Page> {
    if (this.#turned?.prefix !== prefix) this.#turned = null;
    const last = this.#last;
    if (last !== null && !last.more && prefix.startsWith(last.prefix) && this.#turned === null) {
      return { entries: last.entries.filter(({ key }) => key.startsWith(prefix)), more: false };
    }
    const after = this.#turned === null ? {} : { after: this.#turned.after };
    const { entries, more } = await this.#room.keys.list({ prefix, limit: PAGE, ...after });
    // The end of many pages is not all there is.
    this.#last = { prefix, entries, more: more || this.#turned !== null };
    return { entries, more };
  }

  #newKey(key: string): Suggestion {
    return { value: key, name: this.#show(key), description: "a new key" };
  }

  #suggestion({ key, value }: Entry): Suggestion {
    const description = value === "" ? "(empty)" : cut(printable(value), this.#columns);
    return { value: key, name: this.#show(key), description };
  }

  #show(key: string): string {
    const name = cut(printable(key), this.#columns);
    this.#shown.set(name, key);
    return name;
  }

  #nothing(typed: string): Suggestions {
    if (this.#fresh) return typed === "" ? [new Separator("Type a new key.")] : [];
    return [new Separator(typed === "" ? "There is no key yet." : `No key begins with ${printable(typed)}.`)];
  }
}
