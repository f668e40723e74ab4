import { Separator } from "@inquirer/core";
import { type Entry, KeyroomError, type Room } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Context } from "./action.ts";
import type { Suggestion, Suggestions } from "./conversation.ts";

/** Keys asked for at once: a room with fewer is asked for once, and suggestions then come without a delay. */
const PAGE = 200;

/** A key that exists, or with `fresh` any key. `verb` begins the question: `Get`. */
export function askKey({ talk, session }: Context, verb: string, { fresh = false } = {}): Promise<string> {
  const whose = session.others === null ? "key" : `${printable(session.others)}'s key`;
  const suggester = new KeySuggester(session.room, talk.columns - 4, fresh);
  return talk.search(`${verb} ${whose}`, (typed) => suggester.suggest(typed));
}

class KeySuggester {
  readonly #room: Room;
  readonly #columns: number;
  readonly #fresh: boolean;
  /** Keys by the form in which they are shown, which Tab puts in place of what was typed. */
  readonly #shown = new Map<string, string>();
  /** All entries that begin with a prefix, once an answer was complete. */
  #complete: { readonly prefix: string; readonly entries: readonly Entry[] } | null = null;

  constructor(room: Room, columns: number, fresh: boolean) {
    this.#room = room;
    this.#columns = columns;
    this.#fresh = fresh;
  }

  /** Never rejects: an error is shown where the keys would be. */
  async suggest(typed: string): Promise<Suggestions> {
    const prefix = this.#shown.get(typed) ?? typed;
    try {
      const { entries, more } = await this.#find(prefix);
      const isThere = entries.some(({ key }) => key === prefix);
      return [
        ...(this.#fresh && prefix !== "" && !isThere ? [this.#newKey(prefix)] : []),
        ...entries.map((entry) => this.#suggestion(entry)),
        ...(entries.length === 0 ? this.#nothing(typed) : []),
        ...(more ? [new Separator("… type on to see fewer")] : []),
      ];
    } catch (error) {
      if (error instanceof KeyroomError) return [new Separator(`! ${printable(error.message)}`)];
      throw error;
    }
  }

  async #find(prefix: string): Promise<{ entries: readonly Entry[]; more: boolean }> {
    if (this.#complete !== null && prefix.startsWith(this.#complete.prefix)) {
      return { entries: this.#complete.entries.filter(({ key }) => key.startsWith(prefix)), more: false };
    }
    const { entries, more } = await this.#room.list({ prefix, limit: PAGE });
    if (!more) this.#complete = { prefix, entries };
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
