/** Many changes at once to many watchers, beside a bare server that tells each change by itself. */
import { connect } from "../../client/sdk/index.ts";
import type { Figures } from "./figures.ts";
import { VALUE } from "./load.ts";
import { inTurn, machineMs, median, pause } from "./measure.ts";
import type { MeasuredServer, Servers } from "./servers.ts";
import { openSocket } from "./sockets.ts";
import { startWatchers, type Watchers } from "./watchers.ts";

const WATCHERS = 1_000;
/** In one turn of the event loop. */
const CHANGES = 64;
/** The first shows the code to the compiler and does not count. */
const ROUNDS = 11;
/** One heartbeat of each watcher of Keyroom. */
const IDLE_MS = 3_000;

interface Burst {
  /** CPU time of the server for one change to one watcher, without its heartbeats. */
  readonly cpuMicros: number;
  /** Until all have everything. */
  readonly wallMs: number;
}

export async function compareFanOut({ keyroom, bare }: Servers): Promise<Figures> {
  process.stdout.write(`${WATCHERS} watchers of one room, ${CHANGES} changes at once; about 20 s.\n`);
  const payloads = Array.from({ length: CHANGES }, (_, i) => ({ key: `key-${i}`, value: VALUE }));
  const store = await connect(keyroom.url, { user: "room" });
  const [socket] = await openSocket(bare.url);
  const crowd = { room: "room", count: WATCHERS, changes: CHANGES };
  const here = await startWatchers({ ...crowd, kind: "keyroom", url: keyroom.url });
  const there = await startWatchers({ ...crowd, kind: "bare", url: bare.url });

  const [idleBare, idleKeyroom] = [await idleShare(bare), await idleShare(keyroom)];
  const [single = [], together = []] = await inTurn(ROUNDS, [
    () => burst(bare, idleBare, there, () => socket.emit("put", payloads)),
    () => burst(keyroom, idleKeyroom, here, () => Promise.all(payloads.map(({ key, value }) => store.put(key, value)))),
  ]);
  const [separate, keyrooms] = [tell("an event each", single.slice(1)), tell("Keyroom", together.slice(1))];
  process.stdout.write(
    `  Not counted: Keyroom's heartbeats, all the while ${(idleKeyroom * 100).toFixed(1)} % of a core.\n`,
  );
  here.stop();
  there.stop();
  store.close();
  socket.disconnect();
  return {
    "fan-out: CPU": { ratio: keyrooms.cpuMicros / separate.cpuMicros, goal: { atMost: 1 / 20 } },
    "fan-out: time": { ratio: keyrooms.wallMs / separate.wallMs },
  };
}

/** How much of a core the heartbeats of all these sockets take: they are no part of what is delivered. */
async function idleShare(server: MeasuredServer): Promise<number> {
  const [before, began] = [await server.cpuMicros(), machineMs()];
  await pause(IDLE_MS);
  return ((await server.cpuMicros()) - before) / 1000 / (machineMs() - began);
}

async function burst(server: MeasuredServer, idle: number, watchers: Watchers, put: () => unknown): Promise<Burst> {
  const [before, began] = [await server.cpuMicros(), machineMs()];
  const [ended] = await Promise.all([watchers.all(), put()]);
  const wallMs = ended - began;
  const cpuMicros = (await server.cpuMicros()) - before - idle * wallMs * 1000;
  return { cpuMicros: cpuMicros / (WATCHERS * CHANGES), wallMs };
}

function tell(name: string, bursts: readonly Burst[]): Burst {
  const cpuMicros = median(bursts.map((one) => one.cpuMicros));
  const wallMs = median(bursts.map((one) => one.wallMs));
  const cpu = cpuMicros.toFixed(3).padStart(6);
  process.stdout.write(
    `  ${name.padEnd(14)} ${cpu} µs CPU for a change to a watcher; all have everything after ${wallMs.toFixed(0)} ms\n`,
  );
  return { cpuMicros, wallMs };
}
