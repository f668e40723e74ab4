import type { Readable, Writable } from "node:stream";

/** A terminal to write to; `process.stdout` is one. */
export type Output = Writable & { readonly columns?: number; readonly rows?: number };

/** The terminal the menu runs in. */
export interface Io {
  readonly input: Readable;
  readonly output: Output;
}

/** Columns of the terminal; 80 where it does not know, as a serial line, which says 0. */
export function columnsOf({ columns = 0 }: Output): number {
  return columns > 0 ? columns : 80;
}

/** Rows of the terminal; 24 where it does not know. */
export function rowsOf({ rows = 0 }: Output): number {
  return rows > 0 ? rows : 24;
}
