/** The client of docs/without-the-sdk.md, as it stands there. */
import { readFileSync } from "node:fs";
import { createContext, SourceTextModule, SyntheticModule } from "node:vm";
import { io, type Socket } from "socket.io-client";
import type { Entry, Position } from "../../protocol/fields.ts";
import type { PlainOptions } from "./plain-client.ts";

/** What a listener of the page's `watch` is told. */
export type PageEvent =
  | { readonly end: string }
  | {
      readonly end?: undefined;
      readonly reset: boolean;
      /** With `reset` only. */
      readonly gap?: boolean;
      readonly position: Position;
      readonly puts: readonly Entry[];
      readonly deletes: readonly string[];
    };

export interface PageStore {
  readonly socket: Socket;
  request(name: string, payload: object, patienceMs?: number): Promise<unknown>;
  watch(question: object, listener: (event: PageEvent) => void, position?: Position): void;
}

type Open = (url: string, auth: object, options?: PlainOptions) => PageStore;

/** The code blocks of the page, in order. */
export function pageBlocks(): string[] {
  const page = readFileSync(new URL("../../docs/without-the-sdk.md", import.meta.url), "utf8");
  return [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = ""]) => code);
}

/** Loads the page's first block as the module that it is. */
export async function pageClient(): Promise<Open> {
  const [code = ""] = pageBlocks();
  const module = new SourceTextModule(code, { identifier: "keyroom.js" });
  await module.link((specifier) => {
    if (specifier !== "socket.io-client") throw new Error(`The page imports ${specifier}.`);
    const exports = new SyntheticModule(["io"], () => exports.setExport("io", io));
    return exports;
  });
  await module.evaluate();
  return Reflect.get(module.namespace, "open") as Open;
}

/** Runs the page's second block, to its end, with this in the place of the first one. */
export async function runPageExample(open: Open, log: (...printed: unknown[]) => void): Promise<void> {
  const [, code = ""] = pageBlocks();
  const context = createContext({ console: { log } });
  const module = new SourceTextModule(code, { identifier: "example.js", context });
  await module.link((specifier) => {
    if (specifier !== "./keyroom.js") throw new Error(`The page's example imports ${specifier}.`);
    const exports = new SyntheticModule(["open"], () => exports.setExport("open", open), { context });
    return exports;
  });
  await module.evaluate();
}
