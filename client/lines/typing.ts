import type { Key } from "node:readline";
import { edit, insert, NOTHING, type Typed } from "./editor.ts";
import type { Recall } from "./recall.ts";

/** What Tab makes of a line, or undefined where that stays as it is. */
export type Complete = (line: Typed) => Promise<Typed | undefined>;

/** The line under the keys, with what was typed earlier and what might be meant. */
export class Typing {
  readonly #recall: Recall;
  readonly #complete: Complete;
  readonly #changed: () => void;
  #line: Typed = NOTHING;
  /** Tabs that were pressed at once, behind which other letters may come; null where none were. */
  #tabs: { readonly before: Typed; readonly pasted: Typed } | null = null;

  /** @param changed called when the line is another one without a key: completing it takes its time */
  constructor(recall: Recall, complete: Complete, changed: () => void) {
    this.#recall = recall;
    this.#complete = complete;
    this.#changed = changed;
  }

  get line(): Typed {
    return this.#line;
  }

  get isEmpty(): boolean {
    return this.#line.text === "";
  }

  /** Begins with another line, or with none; returns the one so far. */
  begin(line: Typed = NOTHING): Typed {
    const old = this.#line;
    this.#line = line;
    this.#recall.reset();
    return old;
  }

  /** @param isCommand whether the line may be completed, and be one typed earlier */
  press(key: Key, isCommand: boolean): void {
    const { ctrl = false, name } = key;
    if (isCommand && name === "tab") this.#tab();
    else if (isCommand && (name === "up" || (ctrl && name === "p"))) this.#line = this.#recall.older(this.#line);
    else if (isCommand && (name === "down" || (ctrl && name === "n"))) this.#line = this.#recall.newer(this.#line);
    else this.#line = edit(this.#line, key) ?? this.#line;
  }

  /** Behind which other letters come at once, it is a pasted one. Several at once are as good as one. */
  #tab(): void {
    const isFirst = this.#tabs?.pasted !== this.#line;
    const before = isFirst || this.#tabs === null ? this.#line : this.#tabs.before;
    const pasted = insert(this.#line, "\t");
    this.#line = pasted;
    this.#tabs = { before, pasted };
    if (isFirst) queueMicrotask(() => this.#afterTabs());
  }

  #afterTabs(): void {
    const tabs = this.#tabs;
    this.#tabs = null;
    if (tabs === null || this.#line !== tabs.pasted) return;
    this.#line = tabs.before;
    this.#changed();
    void this.#put(tabs.before);
  }

  async #put(before: Typed): Promise<void> {
    const completed = await this.#complete(before);
    // Who types on does not want it any more.
    if (completed === undefined || this.#line !== before) return;
    this.#line = completed;
    this.#changed();
  }
}
