import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { takeInterrupts } from "./interrupts.ts";
import { Back, Interrupted } from "./question.ts";

/** A line that goes back: said in words where it matters. Esc and Enter, which other prompts speak of, do as well. */
const BACK: readonly string[] = ["<", "\x1b"];

const LINE = /^(.*?)(?:\r\n?|\n)/s;
/** One key, as terminals send it while they do not edit lines. */
const KEY = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])|\r\n?|./su;

/**
 * A keyboard whose terminal edits and echoes lines itself, so that Backspace and a screen reader's review work on any.
 * It is listened to only while something is asked: otherwise other programs may have it. What is typed early is kept.
 * Each question throws `Interrupted` on Ctrl-C and at the end of the input, and the reason of `end` once that is aborted.
 */
export class PlainKeyboard {
  readonly #input: Readable;
  readonly #decoder = new StringDecoder("utf8");
  /** Not asked for yet. */
  #typed = "";

  constructor(input: Readable) {
    this.#input = input;
  }

  /** The next line, without the escape sequences of arrow keys and the like. @throws Back */
  line(end: AbortSignal | null): Promise<string> {
    return this.#until(() => this.#takeLine(), end);
  }

  /** Resolves once the next line is one that goes back; any other is kept. */
  back(end: AbortSignal | null): Promise<void> {
    return this.#until(() => {
      const line = this.#nextLine();
      if (line === undefined || !BACK.includes(line.text)) return undefined;
      this.#typed = line.rest;
      return "back";
    }, end).then(() => undefined);
  }

  /** A line that is not echoed. @throws Back, also on Esc alone */
  async secret(end: AbortSignal | null): Promise<string> {
    let secret = "";
    const take = (): string | undefined => {
      for (;;) {
        const key = KEY.exec(this.#typed)?.[0];
        if (key === undefined) return undefined;
        this.#typed = this.#typed.slice(key.length);
        if (/^[\r\n]/.test(key)) return orBack(secret);
        secret = afterKey(secret, key);
      }
    };
    this.#setRaw(true);
    try {
      return await this.#until(take, end);
    } finally {
      this.#setRaw(false);
    }
  }

  /** Drops what was typed early. */
  forget(): void {
    this.#typed = "";
  }

  #takeLine(): string | undefined {
    const line = this.#nextLine();
    if (line === undefined) return undefined;
    this.#typed = line.rest;
    return stripVTControlCharacters(orBack(line.text)).replaceAll("\x1b", "");
  }

  #nextLine(): { readonly text: string; readonly rest: string } | undefined {
    const [whole, text] = LINE.exec(this.#typed) ?? [];
    return whole === undefined || text === undefined ? undefined : { text, rest: this.#typed.slice(whole.length) };
  }

  /** What `take` finds in what was typed, as soon as it finds something. */
  #until<T>(take: () => T | undefined, end: AbortSignal | null): Promise<T> {
    const input = this.#input;
    return new Promise<T>((resolve, reject) => {
      const look = (): void => {
        try {
          const taken = take();
          if (taken !== undefined) settle(() => resolve(taken));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const onData = (chunk: Buffer | string): void => {
        this.#typed += typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
        look();
      };
      const onEnd = (): void => settle(() => reject(new Interrupted()));
      const onAbort = (): void => settle(() => reject(end?.reason));
      let isOpen = true;
      const settle = (how: () => void): void => {
        if (!isOpen) return;
        isOpen = false;
        input.off("data", onData).off("end", onEnd).pause();
        end?.removeEventListener("abort", onAbort);
        giveBack();
        how();
      };
      const giveBack = takeInterrupts(onEnd);
      end?.addEventListener("abort", onAbort);
      input.on("data", onData).on("end", onEnd).resume();
      if (end?.aborted) onAbort();
      look();
      if (input.readableEnded) onEnd();
    });
  }

  #setRaw(raw: boolean): void {
    if ("setRawMode" in this.#input && typeof this.#input.setRawMode === "function") this.#input.setRawMode(raw);
  }
}

function orBack(line: string): string {
  if (BACK.includes(line)) throw new Back();
  return line;
}

/** What a secret is after one more key. */
function afterKey(secret: string, key: string): string {
  switch (key) {
    case "\x03":
      throw new Interrupted();
    case "\x04":
      if (secret === "") throw new Interrupted();
      return secret;
    case "\x1b":
      throw new Back();
    case "\x7f":
    case "\b":
      return [...secret].slice(0, -1).join("");
    case "\x15":
      return "";
    default:
      // Other keys than letters.
      return /^[\x00-\x1f]/.test(key) ? secret : secret + key;
  }
}
