/** What happens to lines and to a server's process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Recorder } from "../history/recorder.ts";
import type { FaultProxy } from "../support/proxy.ts";
import type { Random } from "../support/random.ts";
import type { RealServer } from "./real-server.ts";

/** What is done to one client's line, for so many ms; afterwards the line is as good as new. */
type LineTrouble = (proxy: FaultProxy, ms: number, random: Random) => Promise<void>;

export const LINE_TROUBLES: Readonly<Record<string, LineTrouble>> = {
  cut: async (proxy) => proxy.cut(),
  "lost answers": async (proxy, ms) => {
    proxy.hold("answers");
    await sleep(ms);
    proxy.cut();
  },
  "lost requests": async (proxy, ms) => {
    proxy.hold("requests");
    await sleep(ms);
    proxy.cut();
  },
  stall: async (proxy, ms) => {
    proxy.hold("answers");
    proxy.hold("requests");
    await sleep(ms);
    proxy.resume();
  },
  delay: async (proxy, ms, random) => {
    proxy.delay(() => random.int(30));
    await sleep(ms);
    proxy.delay(() => 0);
  },
  // The server goes on believing in the old line, also when the client has a new one.
  "half open at the server": async (proxy) => proxy.abandon("requests"),
  // The client goes on writing to where nobody listens.
  "half open at the client": async (proxy, ms) => {
    proxy.abandon("answers");
    await sleep(ms);
    proxy.cut();
  },
};

const LONGEST_MS = 400;

/** One trouble after the other on a line, until it is over; tells how many of each kind there were. */
export async function troubleLine(
  proxy: FaultProxy,
  random: Random,
  pauseMs: number,
  over: AbortSignal,
  count: (kind: string) => void,
): Promise<void> {
  while (await pause(random.int(2 * pauseMs), over)) {
    const kind = random.pick(Object.keys(LINE_TROUBLES));
    count(kind);
    await LINE_TROUBLES[kind]?.(proxy, random.int(LONGEST_MS), random);
  }
}

/**
 * What is done to the server's process. It stands still for a moment, or for so long that each end takes the other for
 * dead; everything in it goes with a restart.
 */
export type ServerTrouble = "freeze" | "long freeze" | "restart";

/** Pings come every 5 s and are waited for 4 s longer. */
const SILENCE_MS = 12_000;

export async function troubleServer(server: RealServer, kind: ServerTrouble, recorder: Recorder): Promise<void> {
  if (kind === "restart") {
    const done = recorder.restarting();
    await server.restart();
    done();
    return;
  }
  server.freeze();
  await sleep(kind === "freeze" ? LONGEST_MS : SILENCE_MS);
  server.thaw();
}

/** Whether it was slept to the end. */
export async function pause(ms: number, over: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal: over }).catch(() => false);
}
