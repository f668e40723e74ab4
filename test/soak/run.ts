/**
 * Many clients against a real server process, for long: lines are cut, stalled, delayed and left half open, the server is
 * frozen and twice killed. Rounds follow each other on one server; at the end of each the history of all clients is
 * judged and let go. Ends with 1 where a promise was broken or the server's heap grew.
 *
 *     node --import tsx test/soak/run.ts [--seconds 600] [--clients 200] [--seed N]
 */
import { parseArgs } from "node:util";
import { freshSeed, seededRandom } from "../support/random.ts";
import { Fleet } from "./fleet.ts";
import { growth, type HeapSample } from "./heap-growth.ts";
import { LOG_RECORDS } from "./limits.ts";
import { RealServer } from "./real-server.ts";
import { playRound, type Round } from "./round.ts";
import { words } from "./words.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    clients: { type: "string", default: "200" },
    seed: { type: "string", default: String(freshSeed()) },
  },
});
const seconds = Number(values.seconds);
const clients = Number(values.clients);
const seed = Number(values.seed);

const CLIENTS_OF_USER = 10;
const RESTARTS = 2;
const MAX_ROUND_MS = 12_000;
/** A client's average between bursts and between troubles of its line. */
const [BURST_MS, TROUBLE_MS] = [1_000, 3_000];
/** Rounds; a short run has fewer. */
const LONG_FREEZE_EVERY = 5;
/** Of sessions whose client has left. */
const GRACE_S = 60;
const MB = 1e6;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const elapsed = (since: number): number => (performance.now() - since) / 1000;

async function soak(): Promise<boolean> {
  print(`${clients} clients for ${seconds} s, seed ${seed}`);
  const random = seededRandom(seed);
  const server = await RealServer.start();
  const fleet = await Fleet.open(server, clients, CLIENTS_OF_USER);
  const rounds: Round[] = [];
  const heap: HeapSample[] = [];
  let restarts = 0;
  let born = performance.now();
  const began = performance.now();
  try {
    while (elapsed(began) < seconds || restarts < RESTARTS) {
      // Restarts part the time into equal pieces.
      const restart = restarts < Math.floor((elapsed(began) / seconds) * (RESTARTS + 1));
      const freeze = rounds.length % LONG_FREEZE_EVERY === LONG_FREEZE_EVERY - 1 ? "long freeze" : "freeze";
      const round = await playRound({
        server,
        fleet,
        seed: random.int(2 ** 31),
        ms: Math.min(MAX_ROUND_MS, (seconds * 1000) / (2 * (RESTARTS + 1))),
        serverTroubles: [restart ? "restart" : freeze],
        burstMs: BURST_MS,
        troubleMs: TROUBLE_MS,
      });
      if (restart) {
        restarts++;
        born = performance.now();
      }
      rounds.push(round);
      const isFull = round.leastRevision > LOG_RECORDS && elapsed(born) > GRACE_S;
      heap.push({ life: restarts, isFull, bytes: await server.heap() });
      print(`${elapsed(began).toFixed(0).padStart(4)} s: ${words([round])}; ${memory(heap)}`);
      if (round.violations.length > 0) print(round.report);
    }
  } finally {
    await fleet.close();
    await server.close();
  }
  return summed(rounds, restarts, heap);
}

/** Whether all was right. */
function summed(rounds: readonly Round[], restarts: number, heap: readonly HeapSample[]): boolean {
  const troubles = new Map<string, number>();
  for (const round of rounds) {
    for (const [kind, count] of round.troubles) troubles.set(kind, (troubles.get(kind) ?? 0) + count);
  }
  const factors = growth(heap);
  const said = factors.map((factor) => `× ${factor.toFixed(2)}`).join(", ");
  print(`In all ${words(rounds)}.`);
  print(`Troubles: ${[...troubles].map(([kind, count]) => `${count} × ${kind}`).join(", ")}.`);
  print(`Server's heap, MB: ${heap.map(({ bytes }) => (bytes / MB).toFixed(1)).join(" ")}`);
  print(
    `Its growth, since its logs are full, in each of ${restarts + 1} lives: ${said === "" ? "too short to say" : said}`,
  );
  return rounds.every(({ violations }) => violations.length === 0) && factors.every((factor) => factor < MAX_GROWTH);
}

/** What collecting leaves and timers hold differs by some percents from one sample to the next. */
const MAX_GROWTH = 1.1;

function memory(heap: readonly HeapSample[]): string {
  const [server, own] = [heap.at(-1)?.bytes ?? 0, process.memoryUsage().heapUsed];
  return `heap of the server ${(server / MB).toFixed(1)} MB, of the clients ${(own / MB).toFixed(0)} MB`;
}

process.exitCode = (await soak()) ? 0 : 1;
