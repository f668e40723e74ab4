import { createReadStream } from "node:fs";
import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { LocalError } from "./local-error.ts";
import { systemReason } from "./system-reason.ts";

/**
 * A value from a file, byte for byte; `-` is the standard input. Reads no more than a value may have.
 * @throws LocalError when it cannot be read or is no text, KeyroomError `too_large`
 */
export async function readValue(file: string, stdin: NodeJS.ReadableStream): Promise<string> {
  const name = file === "-" ? "the standard input" : file;
  let bytes: Buffer;
  try {
    bytes = await readUpTo(FIXED_LIMITS.valueBytes + 1, file === "-" ? stdin : createReadStream(file));
  } catch (error) {
    throw new LocalError(`Cannot read ${name}: ${systemReason(error)}.`);
  }
  if (bytes.length > FIXED_LIMITS.valueBytes) {
    throw new KeyroomError("too_large", `The value in ${name} is too long: at most ${FIXED_LIMITS.valueBytes} bytes.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LocalError(`The value in ${name} is not UTF-8 text. Encode it first, for example with base64.`);
  }
}

async function readUpTo(limit: number, stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks);
}
