import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { socketIoWire } from "../../client/sdk/socket-io-wire.ts";
import type { Wire } from "../../client/sdk/wire.ts";
import { type Direction, FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, closing } = starter();

/** A wire through a proxy, and what it said, to be awaited. */
class Rig {
  readonly said: string[] = [];
  /** How long it is to wait after each loss; without, as long as the Manager likes. */
  readonly waits: number[] = [];
  readonly #wire: Wire;
  #wake = (): void => undefined;

  constructor(url: string, transport: "websocket" | "polling") {
    this.#wire = socketIoWire(url, { transports: [transport] })({
      auth: () => ({ user: "ann", password: "secret" }),
      push: (name) => this.#say(name),
      failed: (_, isRefusal) => this.#gone(isRefusal ? "refused" : "failed"),
      lost: () => this.#gone("lost"),
      heard: () => this.#say("heard"),
    });
    closing(() => this.#wire.close());
  }

  get wire(): Wire {
    return this.#wire;
  }

  async until(word: string): Promise<void> {
    while (!this.said.includes(word)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.said.splice(0, this.said.indexOf(word) + 1);
  }

  #gone(word: string): void {
    const ms = this.waits.shift();
    if (ms !== undefined) this.#wire.waitFor(ms);
    this.#say(word);
  }

  #say(word: string): void {
    this.said.push(word);
    this.#wake();
  }
}

async function rig(transport: "websocket" | "polling"): Promise<{ rig: Rig; proxy: FaultProxy; url: string }> {
  const server = await serve();
  const proxy = await FaultProxy.open(server.url);
  closing(() => proxy.close());
  const made = new Rig(proxy.url, transport);
  made.wire.connect();
  await made.until("session");
  return { rig: made, proxy, url: server.url };
}

const both = ["requests", "answers"] as const;

test.each<["websocket" | "polling", readonly Direction[]]>([
  ["websocket", both],
  ["polling", both],
  ["polling", ["requests"]],
])(
  "over %s with the %j dead, a drop ends the connection at once, and another can be made",
  async (transport, dead) => {
    const { rig: at, proxy } = await rig(transport);
    for (const direction of dead) proxy.hold(direction);
    // Over polling, what is to be sent leaves when the request before it is answered, and that is never.
    for (let i = 0; i < 3; i++) at.wire.send("get", { key: "a" }, () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    at.wire.drop();
    expect(at.said).toEqual(["lost"]);
    proxy.cut();
    at.wire.connect();
    await at.until("session");
  },
  20_000,
);

test.each(["websocket", "polling"] as const)(
  "over %s, it knows how long to wait for a heartbeat",
  async (transport) => {
    const { rig: at } = await rig(transport);
    // The server's pings come each 3 s, and it waits 5 s for an answer.
    expect(at.wire.patienceMs).toBe(5_500);
    at.wire.drop();
    at.wire.connect();
    await at.until("session");
    expect(at.wire.patienceMs).toBe(5_500);
  },
);

/** A line that goes dead at a word, and still sees when the client's end is closed. */
async function mortalLine(target: string) {
  const clients: Socket[] = [];
  const line = { url: "", isDead: false, clients };
  const listening = createServer((client) => {
    clients.push(client);
    const server = dial(Number(new URL(target).port), "127.0.0.1");
    client.on("data", (bytes) => line.isDead || server.write(bytes));
    server.on("data", (bytes) => line.isDead || client.write(bytes));
    client.on("close", () => server.destroy());
    for (const socket of [client, server]) socket.on("error", () => undefined);
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  closing(() => listening.close());
  closing(() => {
    for (const client of clients) client.destroy();
  });
  line.url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  return line;
}

test.each(["close", "drop"] as const)(
  "after %s on a dead line, the WebSocket does not wait half a minute for an answer to its goodbye",
  async (end) => {
    const line = await mortalLine((await serve()).url);
    const at = new Rig(line.url, "websocket");
    at.wire.connect();
    await at.until("session");
    line.isDead = true;
    const closed = once(line.clients[0] as Socket, "close");
    at.wire[end]();
    await closed;
  },
  20_000,
);

test("a lost connection is tried for again by Socket.IO's own Manager, after as long as it was told to wait", async () => {
  const { rig: client, proxy, url } = await rig("websocket");
  client.waits.push(10, 20, 30);
  proxy.leadTo("http://127.0.0.1:1");
  proxy.cut();
  for (const word of ["lost", "failed", "failed"]) await client.until(word);
  proxy.leadTo(url);
  await client.until("session");
  expect(client.waits.length).toBeLessThan(2);
});
