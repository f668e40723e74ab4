/** The two clients that survive a broken line, behind one face: the SDK, and the page's few lines around Socket.IO. */
import { connect } from "../../client/sdk/connect.ts";
import type { Entry, Position } from "../../protocol/fields.ts";
import { pageClient } from "./page-client.ts";

type Transports = readonly ("websocket" | "polling")[];

export interface Resilient {
  /** @returns the revision */
  put(key: string, value: string): Promise<number>;
  /** Follows the client's own room from now on. */
  follow(question?: { readonly prefix?: string }): Told;
  /** Before anything is sent in a new session, or in the same turn. */
  onSession(listener: (session: { readonly resumed: boolean }) => void): void;
  close(): void;
}

export const RESILIENT: readonly (readonly [
  name: string,
  open: (url: string, transports?: Transports) => Promise<Resilient>,
])[] = [
  ["the SDK", openStore],
  ["a plain client with the page's code", openPage],
];

const auth = { user: "ann", password: "secret" };

interface Word {
  readonly gap: boolean;
  readonly reset: boolean;
  readonly position: Position;
  readonly puts: readonly Entry[];
  readonly deletes: readonly string[];
}

/** What a watch told, folded into what must be there. */
export class Told {
  readonly words: Word[] = [];
  readonly room = new Map<string, Entry>();
  #wake: () => void = () => undefined;

  take(word: Word): void {
    this.words.push(word);
    if (word.reset) this.room.clear();
    for (const entry of word.puts) this.room.set(entry.key, entry);
    for (const key of word.deletes) this.room.delete(key);
    this.#wake();
  }

  /** Of single changes, in the order in which they came. */
  get revisions(): number[] {
    return this.words.flatMap(({ gap, reset, position }) => (gap || reset ? [] : [position.revision]));
  }

  get gaps(): number {
    return this.words.filter(({ gap }) => gap).length;
  }

  /** In the order of the keys. */
  get entries(): Entry[] {
    return [...this.room.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when its last word was of this revision or a later one. */
  reached(revision: number): Promise<void> {
    return this.until(() => (this.words.at(-1)?.position.revision ?? -1) >= revision);
  }
}

async function openStore(url: string, transports: Transports = ["websocket"]): Promise<Resilient> {
  const store = await connect(url, { ...auth, transports, deadlineMs: 30_000 });
  return {
    put: async (key, value) => (await store.put(key, value)).revision,
    follow: (question = {}) => {
      const told = new Told();
      store.watch(question).on("event", (event) => {
        if (event.kind !== "end") told.take({ ...event, gap: event.kind === "gap" });
      });
      return told;
    },
    onSession: (listener) => store.on("session", listener),
    close: () => store.close(),
  };
}

export async function openPage(url: string, transports: Transports = ["websocket"]): Promise<Resilient> {
  const options = { transports: [...transports], forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50 };
  const store = (await pageClient())(url, auth, options);
  return {
    put: async (key, value) => Number(Reflect.get(Object(await store.request("put", { key, value })), "revision")),
    follow: (question = {}) => {
      const told = new Told();
      store.watch(question, (event) => {
        if (event.end === undefined) told.take({ gap: false, ...event });
      });
      return told;
    },
    onSession: (listener) => store.socket.on("session", listener),
    close: () => store.socket.disconnect(),
  };
}
