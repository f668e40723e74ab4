/**
 * One client with many puts under way, which the SDK sends together, beside one event for each put, with an operation id,
 * on the same server. Both rooms are watched.
 */
import * as v from "valibot";
import { connect } from "../../client/sdk/index.ts";
import type { Figures } from "./figures.ts";
import { anyKey, VALUE } from "./load.ts";
import { compete, type Operation, type Throughput } from "./measure.ts";
import type { Servers } from "./servers.ts";
import { openSocket, request } from "./sockets.ts";
import { startWatchers } from "./watchers.ts";

/** Puts under way, and how many times as fast the SDK shall be. */
const SHAPES = [
  { inFlight: 1, goal: { atLeast: 1 } },
  { inFlight: 64 },
  { inFlight: 1000, goal: { atLeast: 8 } },
] as const;

export async function compareInFlight({ keyroom: server }: Servers): Promise<Figures> {
  process.stdout.write("One client with many puts under way, in a watched room; about 25 s.\n");
  const plain = await openPlainPut(server.url, "plain");
  const store = await connect(server.url, { user: "sdk" });
  const watchers = [];
  for (const room of ["plain", "sdk"]) watchers.push(await startWatchers({ kind: "sdk", url: server.url, room }));
  const figures: [string, Figures[string]][] = [];
  for (const { inFlight, ...goal } of SHAPES) {
    const shape = { server, connections: 1, inFlight };
    const [single, batched] = await compete([
      { ...shape, operation: plain.put },
      { ...shape, operation: () => store.put(anyKey(), VALUE) },
    ]);
    if (single === undefined || batched === undefined) continue;
    tell(`an event each × ${inFlight}`, single);
    tell(`SDK × ${inFlight}`, batched);
    figures.push(
      [`SDK × ${inFlight}: puts/s`, { ratio: batched.opsPerSecond / single.opsPerSecond, ...goal }],
      [`SDK × ${inFlight}: CPU`, { ratio: batched.cpuMicros / single.cpuMicros }],
    );
  }
  for (const watcher of watchers) watcher.stop();
  plain.close();
  store.close();
  return Object.fromEntries(figures);
}

/** Puts of a plain socket, each with an operation id. */
async function openPlainPut(url: string, user: string): Promise<{ put: Operation; close: () => void }> {
  const [socket, session] = await openSocket(url, user);
  const { client } = v.parse(v.object({ client: v.string() }), session);
  let counter = 0;
  return {
    put: () => request(socket, "put", { key: anyKey(), value: VALUE, op: `${client}:${++counter}` }),
    close: () => socket.disconnect(),
  };
}

function tell(title: string, { opsPerSecond, cpuMicros, clientMicros }: Throughput): void {
  const ops = opsPerSecond.toFixed(0).padStart(7);
  const [server, client] = [cpuMicros, clientMicros].map((micros) => micros.toFixed(1).padStart(6));
  process.stdout.write(
    `  ${title.padEnd(20)} ${ops} puts/s, of CPU ${server} µs at the server, ${client} at the client\n`,
  );
}
