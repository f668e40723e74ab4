import { printable, printableJson } from "../terminal/printable.ts";

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

export function printJson({ stdout }: Streams, value: object): void {
  stdout.write(`${printableJson(value)}\n`);
}

/** A sentence for people; it may quote what others wrote. */
export function say({ stderr }: Streams, sentence: string): void {
  stderr.write(`keyroom: ${printable(sentence)}\n`);
}
