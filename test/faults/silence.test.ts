/**
 * A line or a server that says nothing and is not cut: the SDK says so within 10 s, and goes on by itself, with nothing
 * missed. All troubles are made at once, because each takes its time.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/connect.ts";
import type { ConnectionState, Store, WatchState } from "../../client/sdk/types.ts";
import { type Direction, FaultProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server-process.ts";

const PROMISED_MS = 10_000;

type Transport = "websocket" | "polling";

/** What is dead, and whether it comes back as soon as that is noticed, or when the connection was given up. */
interface Trouble {
  readonly dead: "server" | readonly Direction[];
  readonly comesBack: "soon" | "late";
  readonly over: readonly Transport[];
}

const BOTH = ["websocket", "polling"] as const;

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "nothing arrives at the server, and it gives up": { dead: ["requests"], comesBack: "late", over: BOTH },
  "nothing arrives from the server": { dead: ["answers"], comesBack: "late", over: BOTH },
  "nothing arrives at all": { dead: ["requests", "answers"], comesBack: "late", over: BOTH },
  "nothing arrives from the server for a while": { dead: ["answers"], comesBack: "soon", over: BOTH },
  // To the client the same as the last two, at the price of a process each.
  "the server is frozen": { dead: "server", comesBack: "late", over: ["polling"] },
  "the server is frozen for a while": { dead: "server", comesBack: "soon", over: ["websocket"] },
};

const CASES = Object.entries(TROUBLES).flatMap(([name, trouble]) =>
  trouble.over.map((transport) => ({ name, transport, ...trouble })),
);
type Case = (typeof CASES)[number];

interface Seen {
  /** The connection's states from the trouble on, why, and after how many ms. */
  readonly states: (readonly [state: ConnectionState, why: string, afterMs: number])[];
  readonly watch: readonly WatchState[];
  readonly revisions: readonly number[];
  /** Of the sessions from the trouble on. */
  readonly resumed: readonly boolean[];
}

const closers: (() => unknown)[] = [];
/** Of a process of its own: in this one, its timers for dead clients would outlive the test. */
let serverUrl = "";
const seen = new Map<string, Seen>();

/** A client that watches its own room, and everything it was told. */
class Client {
  readonly #store: Store;
  readonly #seen = { states: [], watch: [], revisions: [], resumed: [] } as {
    [K in keyof Seen]: Seen[K][number][];
  };
  #begun = 0;
  #wake = (): void => undefined;

  constructor(store: Store) {
    this.#store = store;
    const watch = store.watch();
    watch.on("event", (event) => {
      if (event.kind !== "end") this.#seen.revisions.push(event.position.revision);
      this.#wake();
    });
    watch.on("state", (state) => {
      this.#seen.watch.push(state);
      this.#wake();
    });
    store.on("state", (state, why) => {
      this.#seen.states.push([state, why, performance.now() - this.#begun]);
      this.#wake();
    });
    store.on("session", ({ resumed }) => this.#seen.resumed.push(resumed));
  }

  get seen(): Seen {
    return this.#seen;
  }

  begin(): void {
    this.#begun = performance.now();
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  entered(state: ConnectionState): Promise<void> {
    return this.until(() => this.#store.state === state);
  }

  told(revisions: number): Promise<void> {
    return this.until(() => this.#seen.revisions.length >= revisions);
  }
}

async function open(url: string, user: string, transport: Transport = "websocket"): Promise<Store> {
  const store = await connect(url, { user, password: "secret", deadlineMs: 30_000, transports: [transport] });
  closers.push(() => store.close());
  return store;
}

function startProcess(): ServerProcess {
  const process = new ServerProcess(["--port", "0"]);
  closers.push(() => process.stop());
  return process;
}

/** Where the clients connect, how the trouble is made, and how it ends. */
interface Scene {
  readonly url: string;
  readonly clientUrl: string;
  begin(): void;
  end(): void;
}

async function scene({ dead, comesBack }: Pick<Trouble, "dead" | "comesBack">): Promise<Scene> {
  if (dead === "server") {
    const frozen = startProcess();
    const url = await frozen.url();
    return { url, clientUrl: url, begin: () => frozen.signal("SIGSTOP"), end: () => frozen.signal("SIGCONT") };
  }
  const proxy = await FaultProxy.open(serverUrl);
  closers.push(() => proxy.close());
  return {
    url: serverUrl,
    clientUrl: proxy.url,
    begin: () => {
      for (const direction of dead) proxy.hold(direction);
    },
    end: () => (comesBack === "soon" ? proxy.resume() : proxy.cut()),
  };
}

async function play({ name, transport, ...trouble }: Case): Promise<void> {
  const { url, clientUrl, begin, end } = await scene(trouble);
  const user = `ann-${CASES.findIndex((other) => other.name === name && other.transport === transport)}`;
  const writer = await open(url, user);
  const client = new Client(await open(clientUrl, user, transport));
  seen.set(`${name}, over ${transport}`, client.seen);
  await writer.put("a", "1");
  await client.told(1);
  client.begin();
  begin();
  if (trouble.dead !== "server") await writer.put("a", "2");
  await client.entered("stale");
  if (trouble.comesBack === "late") await client.entered("reconnecting");
  end();
  await client.entered("connected");
  if (trouble.dead === "server") await writer.put("a", "2");
  await writer.put("a", "3");
  await client.until(() => client.seen.revisions.at(-1) === 3);
}

beforeAll(async () => {
  serverUrl = await startProcess().url();
  await Promise.all(CASES.map(play));
}, 60_000);

afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  const table = [...seen].map(([name, { states }]) => {
    const times = states
      .filter(([state]) => state !== "closed")
      .map(([state, , afterMs]) => `${state} after ${(afterMs / 1_000).toFixed(1)} s`);
    return `  ${name}: ${times.join(", ")}\n`;
  });
  process.stdout.write(`Silence noticed:\n${table.join("")}`);
});

const rows = CASES.map(({ name, transport, comesBack }) => [name, transport, comesBack] as const);

test.each(rows)("%s, over %s: the connection is stale within 10 s, and restored by itself", (name, transport, back) => {
  const { states, resumed } = seenOf(name, transport);
  const [first, ...later] = states;
  expect(first?.slice(0, 2)).toEqual(["stale", "No word from the server for 5 s."]);
  expect(first?.[2]).toBeLessThan(PROMISED_MS);
  const names = new Set(later.map(([state]) => state));
  if (back === "soon") expect([names, resumed]).toEqual([new Set(["connected"]), []]);
  else expect([names, resumed]).toEqual([new Set(["reconnecting", "connected"]), [true]]);
});

test.each(rows)(
  "%s, over %s: the watch is not live meanwhile, misses nothing, and tells nothing twice",
  (name, transport) => {
    const { revisions, watch } = seenOf(name, transport);
    expect([watch[0], new Set(watch.slice(1, -1)), watch.at(-1)]).toEqual(["live", new Set(["resuming"]), "live"]);
    expect(revisions.slice(-2)).toEqual([2, 3]);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  },
);

function seenOf(name: string, transport: Transport): Seen {
  const found = seen.get(`${name}, over ${transport}`);
  if (found === undefined) throw new Error("There was no such client.");
  return found;
}
