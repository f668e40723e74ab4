import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { LocalError } from "./local-error.ts";

/** More than any entry takes as JSON, whose escapes are six bytes for what may be one; a typed command takes less. */
const MAX_LINE_BYTES = 6 * (FIXED_LIMITS.valueBytes + FIXED_LIMITS.keyBytes) + 64 * 1024;

const LINE_FEED = 10;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * Lines that end with a line feed and nothing else: `readline` would also end one at U+2028, which JSON leaves as it is.
 * @throws LocalError for a line that is too long or no text
 */
export async function* readLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Line, void> {
  let number = 0;
  let begun: Buffer[] = [];
  let size = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const line = (): Line => {
    number++;
    const bytes = Buffer.concat(begun);
    [begun, size] = [[], 0];
    try {
      return { number, text: decoder.decode(bytes) };
    } catch {
      throw new LocalError(`Line ${number} is not UTF-8 text.`);
    }
  };
  const add = (bytes: Buffer): void => {
    begun.push(bytes);
    size += bytes.length;
    if (size > MAX_LINE_BYTES) throw new LocalError(`Line ${number + 1} is too long.`);
  };
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk);
    for (let at = rest.indexOf(LINE_FEED); at >= 0; at = rest.indexOf(LINE_FEED)) {
      add(rest.subarray(0, at));
      yield line();
      rest = rest.subarray(at + 1);
    }
    add(rest);
  }
  if (size > 0) yield line();
}
