import type { Entry, WatchEvent } from "../sdk/index.ts";
import { Past } from "./past.ts";

/** What is known of a key's entry. */
export type Known =
  | { readonly kind: "asking" }
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly reason: string };

/** One key that is looked at as a whole: it is asked for once, and then follows the events. */
export class Subject {
  readonly room: string;
  readonly key: string;
  readonly past = new Past();
  #known: Known = { kind: "asking" };

  constructor(room: string, key: string) {
    this.room = room;
    this.key = key;
  }

  get known(): Known {
    return this.#known;
  }

  apply(event: WatchEvent): void {
    if (event.room !== this.room) return;
    this.past.apply(event, this.key);
    // Told after the answer, and older than it.
    const known = this.#known.kind === "entry" ? this.#known.entry.revision : 0;
    if (event.kind === "change" && event.position.revision < known) return;
    const entry = event.kind === "end" ? undefined : event.puts.find(({ key }) => key === this.key);
    if (entry !== undefined) this.#known = { kind: "entry", entry };
    else if (event.kind === "end" || event.reset || event.deletes.includes(this.key)) this.#known = { kind: "nothing" };
  }

  /** The answer to the question for it. An event that came since, or that the answer is older than, counts for more. */
  answered(entry: Entry | null): void {
    const known = this.#known;
    if (known.kind === "entry" && (entry === null || entry.revision <= known.entry.revision)) return;
    if (known.kind === "nothing") return;
    this.#known = entry === null ? { kind: "nothing" } : { kind: "entry", entry };
  }

  failed(reason: string): void {
    if (this.#known.kind === "asking") this.#known = { kind: "failed", reason };
  }
}
