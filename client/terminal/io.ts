import type { Readable, Writable } from "node:stream";

/** A terminal to write to; `process.stdout` is one. */
export type Output = Writable & { readonly columns?: number; readonly rows?: number };

/** The terminal the menu runs in. */
export interface Io {
  readonly input: Readable;
  readonly output: Output;
}
