/** A round: many clients work and follow rooms through troubles; at its end all is quiet, and its history is judged. */
import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Position } from "../../protocol/fields.ts";
import { check, report } from "../history/check.ts";
import type { Violation } from "../history/history.ts";
import { RecordedStore } from "../history/recorded-store.ts";
import type { RecordedWatch } from "../history/recorded-watch.ts";
import { Recorder } from "../history/recorder.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { Fleet } from "./fleet.ts";
import { LOG_RECORDS } from "./limits.ts";
import { LAST_KEYS, type Question, questionOf, type Tally, work } from "./program.ts";
import type { RealServer } from "./real-server.ts";
import { pause, type ServerTrouble, troubleLine, troubleServer } from "./troubles.ts";

export interface RoundOptions {
  readonly server: RealServer;
  readonly fleet: Fleet;
  readonly seed: number;
  readonly ms: number;
  /** What happens to the server, one after the other, evenly over the round. */
  readonly serverTroubles: readonly ServerTrouble[];
  /** Ms between a client's bursts of requests, and between the troubles of a line; on the average. */
  readonly burstMs: number;
  readonly troubleMs: number;
}

interface Numbers extends Tally {
  /** Sessions after the first one of each client. */
  reconnects: number;
  resumed: number;
  /** How often each trouble came. */
  readonly troubles: Map<string, number>;
}

export interface Round extends Readonly<Numbers> {
  /** Events of all watches. */
  readonly told: number;
  readonly gaps: number;
  /** Of the room with the fewest commits in the server's life. */
  readonly leastRevision: number;
  readonly violations: readonly Violation[];
  /** The violations and what is around them. */
  readonly report: string;
}

/** A watch that is slower than this when all is quiet will never be there. */
const QUIET_MS = 30_000;

export async function playRound(options: RoundOptions): Promise<Round> {
  const { fleet, server } = options;
  const random = seededRandom(options.seed);
  const recorder = new Recorder();
  const tally = {
    operations: 0,
    unknown: 0,
    settled: 0,
    reconnects: 0,
    resumed: 0,
    troubles: new Map<string, number>(),
  };
  const manager = new RecordedStore("manager", await fleet.manager(server), recorder);
  const clients: RecordedStore[] = [];
  try {
    await tellBase(manager, fleet.users, recorder);
    await Promise.all(
      fleet.members.map(async (member, i) => {
        const store = await member.open();
        clients.push(new RecordedStore(`client${i}`, store, recorder));
        store.on("session", (session) => countSession(session, tally));
      }),
    );
    const followers = clients.map((client) => new Follower(client, questionOf(client, fleet.users, random)));
    await trouble(options, clients, recorder, random, tally);
    const last = await lastWords(manager, fleet.users);
    const late = await Promise.all(followers.map((follower) => follower.reached(last)));
    recorder.quiet();
    const history = recorder.history({ logRecords: LOG_RECORDS });
    const violations = [...late.filter((violation) => violation !== null), ...check(history)];
    const leastRevision = Math.min(...[...last.values()].map(({ revision }) => revision));
    const told = history.events.filter(({ kind }) => kind === "told").length;
    const gaps = history.events.filter((event) => event.kind === "told" && event.event.kind === "gap").length;
    return { ...tally, told, gaps, leastRevision, violations, report: report(history, violations) };
  } finally {
    for (const client of [...clients, manager]) client.close();
  }
}

/** What is in the rooms from the round before. */
async function tellBase(manager: RecordedStore, users: readonly string[], recorder: Recorder): Promise<void> {
  for (const room of users) {
    const { position, entries } = await manager.store.room(room).list();
    recorder.record({ kind: "base", room, position, entries });
  }
}

function countSession({ resumed }: { readonly resumed: boolean }, tally: Numbers): void {
  tally.reconnects++;
  if (resumed) tally.resumed++;
}

/** All clients work while lines and server are in trouble; returns when every request has its answer. */
async function trouble(
  options: RoundOptions,
  clients: readonly RecordedStore[],
  recorder: Recorder,
  random: Random,
  tally: Numbers,
): Promise<void> {
  const { fleet, server, serverTroubles, ms, burstMs, troubleMs } = options;
  const over = new AbortController();
  // Each of the many clients waits on it.
  setMaxListeners(0, over.signal);
  const count = (kind: string): void => void tally.troubles.set(kind, (tally.troubles.get(kind) ?? 0) + 1);
  const working = Promise.all(clients.map((client) => work(client, fork(random), burstMs, over.signal, tally)));
  // A client that fails ends the round; its error is thrown below.
  working.catch(() => over.abort());
  const lines = Promise.all(
    fleet.members.map(({ proxy }) => troubleLine(proxy, fork(random), troubleMs, over.signal, count)),
  );
  for (const kind of serverTroubles) {
    if (!(await pause(ms / (serverTroubles.length + 1), over.signal))) break;
    count(kind);
    await troubleServer(server, kind, recorder);
  }
  await pause(ms / (serverTroubles.length + 1), over.signal);
  over.abort();
  await lines;
  // Also what is half open, which would be noticed in some seconds only.
  for (const { proxy } of fleet.members) proxy.cut();
  await working;
}

/** Writes into each room what every watch of it can wait for, and tells where that left the rooms. */
async function lastWords(manager: RecordedStore, users: readonly string[]): Promise<ReadonlyMap<string, Position>> {
  const last = new Map<string, Position>();
  for (const room of users) {
    for (const key of LAST_KEYS) await manager.room(room).put(key, `last of ${room} in ${key}, ${randomUUID()}`);
    last.set(room, (await manager.room(room).list({ limit: 1 })).position);
  }
  return last;
}

/** A watch of a client, and how far it has told. */
class Follower {
  readonly #client: RecordedStore;
  readonly #question: Question;
  readonly #watch: RecordedWatch;
  readonly #told = new Map<string, Position>();
  #wake: () => void = () => undefined;

  constructor(client: RecordedStore, question: Question) {
    this.#client = client;
    this.#question = question;
    this.#watch = client.room(question.room).watch(question.filter);
    this.#watch.on("event", (event) => {
      if (event.kind !== "end") this.#told.set(event.room, event.position);
      this.#wake();
    });
  }

  /** Null when it tells the last words in time, or what is wrong. */
  async reached(last: ReadonlyMap<string, Position>): Promise<Violation | null> {
    const { room, behind } = this.#question;
    const rooms = room === "*" ? [...last.keys()] : [room];
    const isThere = (name: string): boolean => {
      const [due, told] = [last.get(name), this.#told.get(name)];
      return told?.epoch === due?.epoch && (told?.revision ?? 0) >= (due?.revision ?? 0) - behind;
    };
    const timer = new AbortController();
    const late = pause(QUIET_MS, timer.signal);
    while (!rooms.every(isThere)) {
      const woken = new Promise<false>((resolve) => {
        this.#wake = () => resolve(false);
      });
      if (!(await Promise.race([woken, late]))) continue;
      const missing = rooms.filter((name) => !isThere(name)).join(", ");
      const what = `The watch ${this.#watch.number} of ${this.#client.name} never had the last word of ${missing}.`;
      return { validator: "quiet", what: `${what} It is ${this.#watch.state}.`, at: [] };
    }
    timer.abort();
    return null;
  }
}

/** Random numbers of one's own, so that what others do does not change them. */
function fork(random: Random): Random {
  return seededRandom(random.int(2 ** 31));
}
