import type { Answer } from "../../protocol/events.ts";
import type { Entry } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import { entryBytes } from "../domain/pages.ts";

/** Twice a room that is full, by default: the room as it is, and as it was. */
const OWED_BYTES = 128 * 1024 * 1024;

/** An entry; or a past change of a key, which each answer has of its own, though the value is shared. */
type Text = Partial<Pick<Entry, "key">> & Pick<Entry, "value">;

/**
 * The entries that a client's waiting answers keep in memory. They share them with each other and with the rooms, so
 * each counts once; but one that was replaced since lives on only for them.
 */
export class Owed {
  readonly #held = new Map<Text, { readonly bytes: number; times: number }>();
  #bytes = 0;
  readonly #close: (bye: Push<"bye">) => void;

  /** @param close is called when too much is kept */
  constructor(close: (bye: Push<"bye">) => void) {
    this.#close = close;
  }

  /** About how many bytes the entries take, each once. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Answers begin to wait. */
  add(answers: readonly Answer<unknown>[]): void {
    eachEntry(answers, (entry) => {
      const held = this.#held.get(entry);
      if (held !== undefined) {
        held.times++;
        return;
      }
      const bytes = entryBytes({ key: "", ...entry });
      this.#held.set(entry, { bytes, times: 1 });
      this.#bytes += bytes;
    });
    if (this.#bytes > OWED_BYTES) this.#close(OWING);
  }

  /** Answers that were added have left. */
  remove(answers: readonly Answer<unknown>[]): void {
    eachEntry(answers, (entry) => {
      const held = this.#held.get(entry);
      if (held === undefined || --held.times > 0) return;
      this.#held.delete(entry);
      this.#bytes -= held.bytes;
    });
  }
}

/** What has a text as its value, wherever in an answer it stands. */
function eachEntry(part: unknown, visit: (entry: Text) => void): void {
  if (typeof part !== "object" || part === null) return;
  if (isText(part)) visit(part);
  else for (const inner of Object.values(part)) eachEntry(inner, visit);
}

function isText(part: object): part is Text {
  return "value" in part && typeof part.value === "string";
}

const OWING: Push<"bye"> = {
  code: "rate_limited",
  message:
    `Answers that this client has not taken keep more than ${OWED_BYTES / 2 ** 20} MiB of values in memory. ` +
    "Take answers as they come, or ask for less at once.",
  retryable: true,
  afterMs: 1_000,
};
