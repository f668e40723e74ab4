/** From a put until another client that watches the room has it, one at a time, beside a bare server that relays. */
import { connect } from "../../client/sdk/index.ts";
import type { Figures } from "./figures.ts";
import { anyKey, VALUE } from "./load.ts";
import { inTurn, machineMs, median, quantile } from "./measure.ts";
import type { Servers } from "./servers.ts";
import { openSocket } from "./sockets.ts";
import { startWatchers, type Watchers } from "./watchers.ts";

const ROUNDS = 42;
/** Until here the code is compiled and optimised. */
const WARM_UP_ROUNDS = 12;
const PUTS = 100;

export async function compareNotice({ keyroom, bare }: Servers): Promise<Figures> {
  process.stdout.write("From a put to its notice at another client, one at a time; about 5 s.\n");
  const store = await connect(keyroom.url, { user: "room" });
  const [socket] = await openSocket(bare.url);
  const here = await startWatchers({ kind: "sdk", url: keyroom.url, room: "room", changes: 1 });
  const there = await startWatchers({ kind: "bare", url: bare.url, room: "room", changes: 1 });

  const [relayed = [], noticed = []] = await inTurn(ROUNDS, [
    () => times(there, () => socket.emit("put", [{ key: anyKey(), value: VALUE }])),
    () => times(here, () => store.put(anyKey(), VALUE)),
  ]);
  const bareMs = tell("bare", relayed.slice(WARM_UP_ROUNDS).flat());
  const keyroomMs = tell("Keyroom", noticed.slice(WARM_UP_ROUNDS).flat());
  here.stop();
  there.stop();
  store.close();
  socket.disconnect();
  return { "put to notice: time": { ratio: keyroomMs / bareMs, goal: { atMost: 1.3 } } };
}

/** Ms for each of some puts. */
async function times(watcher: Watchers, put: () => unknown): Promise<readonly number[]> {
  const all: number[] = [];
  for (let i = 0; i < PUTS; i++) {
    const noticed = watcher.all();
    const began = machineMs();
    const answered = put();
    all.push((await noticed) - began);
    await answered;
  }
  return all;
}

function tell(name: string, all: readonly number[]): number {
  const middle = median(all);
  const micros = (ms: number): string => `${(ms * 1000).toFixed(0).padStart(5)} µs`;
  process.stdout.write(`  ${name.padEnd(14)} ${micros(middle)}, 99 % within ${micros(quantile(all, 0.99))}\n`);
  return middle;
}
