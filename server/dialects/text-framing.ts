/**
 * Takes messages out of a stream of bytes whose senders mark no end: silence does. Whoever sends a newline is in line
 * mode from then on. Pure: it is told the time, and asked.
 *
 *              silence: a message              newline: a message
 *                  ┌────┐                          ┌────┐
 *                  │    ▼         newline          │    ▼
 *     start ──▶  silence mode  ───────────────▶  line mode
 */
import { Buffer } from "node:buffer";

/** After so much silence, in ms, what has come is a message. */
export const SILENCE_MS = 30;
/** In this case more may be on its way: it is long, so that there is a further segment, or ends within a character. */
export const LATE_SEGMENT_MS = 200;
const ONE_SEGMENT_BYTES = 1_024;
/** A longer message is none; it is thrown away as it comes. */
export const MAX_MESSAGE_BYTES = 64 * 1_024;

/** What came: text, or what is none, being too long or no UTF-8. */
export type Message =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too long" }
  | { readonly kind: "no text" };

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class TextFraming {
  /** What has come and was not looked at yet. */
  #ahead: Buffer = NOTHING;
  /** The message so far, copied: a piece of what the system has read would keep all of it. */
  #bytes = NOTHING;
  /** May be more than is kept, when it is too long. */
  #length = 0;
  #heardAt = 0;
  #hasEnded = false;
  #isInLines = false;

  /** Whether a newline has ended a message that was taken: then one ends each answer, too. */
  get isInLines(): boolean {
    return this.#isInLines;
  }

  /** Bytes that wait to be looked at. */
  get waiting(): number {
    return this.#ahead.length;
  }

  /** Whether nothing comes any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** When `take` will find a message if nothing comes before, on the clock of `now`; null when never. */
  get due(): number | null {
    if (this.#isInLines || this.#length === 0) return null;
    return this.#heardAt + (this.#isLikelyCut() ? LATE_SEGMENT_MS : SILENCE_MS);
  }

  /** @param now ms of a clock that never jumps */
  feed(bytes: Buffer, now: number): void {
    this.#ahead = this.#ahead.length === 0 ? bytes : Buffer.concat([this.#ahead, bytes]);
    this.#heardAt = now;
  }

  /** Nothing more comes: what would have waited for silence is complete. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The next message, if there is one by now. Half a line is none, also at the end: its other half was lost. */
  take(now: number): Message | null {
    const newline = this.#ahead.indexOf(NEWLINE);
    if (newline >= 0) {
      this.#gather(this.#ahead.subarray(0, newline));
      this.#ahead = this.#ahead.subarray(newline + 1);
      this.#isInLines = true;
      return this.#complete();
    }
    this.#gather(this.#ahead);
    this.#ahead = NOTHING;
    if (this.due === null || (now < this.due && !this.#hasEnded)) return null;
    return this.#complete();
  }

  #gather(bytes: Buffer): void {
    const start = this.#length;
    this.#length += bytes.length;
    if (this.#length > MAX_MESSAGE_BYTES) {
      this.#bytes = NOTHING;
      return;
    }
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.min(MAX_MESSAGE_BYTES, 2 * this.#length));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, start);
  }

  #complete(): Message {
    const bytes = this.#bytes.subarray(0, this.#length);
    const isTooLong = this.#length > MAX_MESSAGE_BYTES;
    this.#bytes = NOTHING;
    this.#length = 0;
    if (isTooLong) return { kind: "too long" };
    const isCarriageReturned = this.#isInLines && bytes.at(-1) === 0x0d;
    try {
      return { kind: "text", text: decoder.decode(isCarriageReturned ? bytes.subarray(0, -1) : bytes) };
    } catch {
      return { kind: "no text" };
    }
  }

  #isLikelyCut(): boolean {
    return this.#length > ONE_SEGMENT_BYTES || endsInsideCharacter(this.#bytes.subarray(0, this.#length));
  }
}

/** Whether the last character of UTF-8 lacks bytes. */
function endsInsideCharacter(bytes: Buffer): boolean {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return false;
    // The first byte of a character says how many it has.
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2);
  }
  return false;
}

/**
 * Whether this is how a web page's request begins: a page can make a browser send any text anywhere, in a request.
 * A name has no spaces, and commands are in small letters, so that nobody else is meant.
 */
export function looksLikeHttp(message: string): boolean {
  return /^[A-Z]+ (?:\/|\*|https?:)|^\S+ \S+ HTTP\/\d/.test(message);
}
