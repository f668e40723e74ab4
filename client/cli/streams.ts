import { LocalError } from "../terminal/local-error.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import { systemCode, systemReason } from "../terminal/system-reason.ts";

const GONE: readonly string[] = ["EPIPE", "ERR_STREAM_DESTROYED"];

/** The process's own, or a test's. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Prints a line as it is where a program reads it, and safe to look at where a person does. */
export function printLine({ stdout }: Streams, line: string): void {
  stdout.write(`${stdout.isTTY ? printable(line) : line}\n`);
}

/** Prints fields with tabs between them: on one line and apart, whatever is in them. */
export function printRow({ stdout }: Streams, fields: readonly string[]): void {
  stdout.write(`${fields.map(printable).join("\t")}\n`);
}

/** Prints what was asked for byte for byte, wherever it goes. */
export function printRaw({ stdout }: Streams, text: string): void {
  stdout.write(text);
}

export function printJson({ stdout }: Streams, value: object): void {
  stdout.write(`${printableJson(value)}\n`);
}

/**
 * Like `printJson`, and waits until the line is out, so that a slow reader slows the printing down.
 * @returns false when whoever read it has gone
 */
export function writeJson(streams: Streams, value: object): Promise<boolean> {
  return writeText(streams, `${printableJson(value)}\n`);
}

/** Writes text as it is, and waits like `writeJson`. */
export function writeText({ stdout }: Streams, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => {
      if (error === undefined || error === null) resolve(true);
      else if (GONE.includes(systemCode(error) ?? "")) resolve(false);
      else reject(new LocalError(`Cannot write to the standard output: ${systemReason(error)}.`));
    });
  });
}

/** A sentence for people; it may quote what others wrote. */
export function say({ stderr }: Streams, sentence: string): void {
  stderr.write(`keyroom: ${printable(sentence)}\n`);
}
