/** Many clients watch, leave, come back and lag behind while rooms change, go and come anew; none misses anything. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Change } from "../../server/engine/port.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";
import { Mirror } from "../support/watch-mirror.ts";
import { type FakeWatcher, WatchRig } from "../support/watching.ts";

const ROOMS = ["ann", "bob", "cleo"];
const KEYS = ["a", "a1", "a2", "b", "b1", "c"];
const QUESTIONS: readonly Input<"watch">[] = [
  { room: "ann" },
  { room: "ann", prefix: "a" },
  { room: "ann", key: "b" },
  { room: "bob" },
  { room: "bob", prefix: "b", copy: 1 },
  { room: "*" },
  { room: "*", prefix: "a" },
];
/** With a backlog of so much for each word, some words are too many. */
const HEAVY = 400_000;

const covers = ({ key, prefix = "" }: Input<"watch">, other: string): boolean =>
  key === undefined ? other.startsWith(prefix) : other === key;

/** A client that keeps what it knows when its connection goes. */
class Client {
  readonly question: Input<"watch">;
  readonly mirrors = new Map<string, Mirror>();
  connection: FakeWatcher | null = null;
  isAsked = false;
  #id = "";

  constructor(question: Input<"watch">) {
    this.question = question;
  }

  get from(): Pick<Input<"watch">, "from"> {
    const told = [...this.mirrors].flatMap(([room, { position }]) => (position === null ? [] : [[room, position]]));
    const byRoom: Record<string, Position> = Object.fromEntries(told);
    const from = this.question.room === "*" ? byRoom : byRoom[this.question.room ?? ""];
    return from === undefined || Object.keys(from).length === 0 ? {} : { from };
  }

  read(): void {
    for (const { name, payload } of this.connection?.take() ?? []) {
      if (name === "answer") {
        this.#id = payload.watch;
        if (payload.position !== undefined) this.#mirror(this.question.room ?? "").start(payload);
      } else if (name === "start" || name === "changes" || name === "end") {
        if (payload.watch !== this.#id && name !== "end") throw new Error("A push of a watch that is not answered.");
        this.#take(name, payload);
      }
    }
  }

  lose(): void {
    this.connection = null;
    this.isAsked = false;
    for (const mirror of this.mirrors.values()) mirror.restart();
  }

  #take(name: "start" | "changes" | "end", payload: Push<"start"> | Push<"changes"> | Push<"end">): void {
    if (name === "end") {
      this.mirrors.delete(payload.room);
      if (this.question.room !== "*") this.isAsked = false;
    } else if (name === "start") this.#mirror(payload.room).start(payload as Push<"start">);
    else this.#mirror(payload.room).changes(payload as Push<"changes">);
  }

  #mirror(room: string): Mirror {
    const mirror = this.mirrors.get(room) ?? new Mirror();
    this.mirrors.set(room, mirror);
    return mirror;
  }
}

class World {
  readonly rig: WatchRig;
  readonly clients: Client[];
  /** All changes by epoch: what the engine says. */
  readonly truth = new Map<string, Change[]>();
  readonly happened = { joins: 0, resumes: 0, slow: 0, deleted: 0, gaps: 0, changes: 0 };
  readonly #random: Random;
  readonly #work = new Set<Promise<unknown>>();
  #writes = 0;

  constructor(seed: number, isFar: boolean) {
    this.#random = seededRandom(seed);
    const memory = new MemoryEngine({ logRecords: 12 });
    this.rig = new WatchRig(ROOMS, isFar ? delayedEngine(memory, seededRandom(seed + 1)) : memory);
    for (const room of ROOMS) memory.follow(room, this.#witness());
    this.clients = [...QUESTIONS, ...QUESTIONS].map((question) => new Client(question));
  }

  async step(): Promise<void> {
    const random = this.#random;
    const client = random.pick(this.clients);
    const act = random.int(100);
    if (act < 45) this.#write();
    else if (act < 60) this.#join(client);
    else if (act < 66) this.#leave(client);
    else if (act < 72) client.connection?.waiting(0);
    else if (act < 74) this.#slowDown(client);
    else if (act < 76) this.#replace(random.pick(ROOMS));
    else if (act < 78) this.rig.clock.advance(5_000);
    else if (act < 92) this.rig.endTurn();
    else await setImmediate();
    for (const one of this.clients) one.read();
  }

  /** Lets everybody catch up. */
  async end(): Promise<void> {
    for (let calm = 0; calm < 3; ) {
      for (const client of this.clients) {
        client.read();
        if (client.connection !== null) client.connection.weight = 0;
        client.connection?.waiting(0);
        if (!client.isAsked) this.#join(client);
      }
      await Promise.all(this.#work);
      for (let turn = 0; turn < 10; turn++) await setImmediate();
      await this.rig.turn();
      calm = this.clients.some(({ connection }) => (connection?.told.length ?? 0) > 0) ? 0 : calm + 1;
    }
  }

  #write(): void {
    const [room, key] = [this.#random.pick(ROOMS), this.#random.pick(KEYS)];
    const other = this.#random.pick(KEYS.filter((one) => one !== key));
    const value = String(this.#writes++);
    const commits = [{ puts: [{ key, value }] }, { deletes: [key] }, { puts: [{ key, value }], deletes: [other] }];
    this.#do(this.rig.commit(room, this.#random.pick(commits)));
  }

  #join(client: Client): void {
    if (client.isAsked || this.rig.accounts.find(client.question.room ?? "") === undefined) {
      if (client.question.room !== "*" || client.isAsked) return;
    }
    if (client.connection === null) {
      client.connection = this.rig.watcher();
      client.connection.takesSeries = this.#random.int(2) === 0;
    }
    client.isAsked = true;
    this.happened.joins++;
    if ("from" in client.from) this.happened.resumes++;
    const { connection } = client;
    const asked = this.rig.watch(connection, { ...client.question, ...client.from }).catch((error: unknown) => {
      if (!(error instanceof KeyroomError)) throw error;
      // Its room was replaced, or its connection is lost.
      if (error.code === "not_found" && client.connection === connection) client.isAsked = false;
      else if (error.code !== "not_found" && error.code !== "conflict") throw error;
    });
    this.#do(asked);
  }

  #leave(client: Client): void {
    if (client.connection === null) return;
    this.rig.watches.forget(client.connection);
    client.connection.abort();
    client.lose();
  }

  #slowDown({ connection }: Client): void {
    if (connection === null) return;
    this.happened.slow++;
    connection.weight = this.#random.pick([0, HEAVY]);
    connection.waiting(this.#random.pick([0, 2 ** 21]));
  }

  /** The account goes with its room, and another takes its name. */
  #replace(room: string): void {
    this.happened.deleted++;
    this.rig.accounts.remove(room);
    this.#do(this.rig.engine.deleteRoom(room));
    this.rig.accounts.create(room, "password");
  }

  #witness() {
    return {
      committed: (change: Change, { epoch }: Position): void => {
        this.happened.changes++;
        this.truth.set(epoch, [...(this.truth.get(epoch) ?? []), change]);
      },
      deleted: () => undefined,
    };
  }

  #do(work: Promise<unknown>): void {
    const done = work.finally(() => this.#work.delete(done));
    this.#work.add(done);
  }
}

const SEEDS = [1, 2, 3, 4, 5, 6, freshSeed()];
const STEPS = 3_000;

test.each(SEEDS.flatMap((seed) => [[seed, "near"] as const, [seed, "far"] as const]))(
  "seed %i, a %s engine: every watch is ordered, unique, complete and ends right",
  async (seed, distance) => {
    const world = new World(seed, distance === "far");
    for (let step = 0; step < STEPS; step++) await world.step();
    await world.end();
    for (const { question, mirrors } of world.clients) {
      expect([...mirrors.keys()].toSorted()).toEqual(question.room === "*" ? ROOMS : [question.room]);
      for (const [room, mirror] of mirrors) {
        world.happened.gaps += mirror.gaps;
        for (const { epoch, after, upTo, revisions } of mirror.segments) {
          const due = (world.truth.get(epoch) ?? []).filter(
            ({ revision, puts, deletes }) =>
              revision > after &&
              revision <= upTo &&
              [...puts.map(({ key }) => key), ...deletes].some((key) => covers(question, key)),
          );
          expect(revisions).toEqual(due.map(({ revision }) => revision));
        }
        const fresh = world.rig.watcher();
        await world.rig.watch(fresh, { room });
        const [now] = fresh.heard("answer");
        const expected = (now?.snapshot ?? []).filter(({ key }) => covers(question, key));
        expect([...mirror.entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
          expected.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        );
        world.rig.watches.forget(fresh);
      }
    }
    const { happened, rig } = world;
    expect(happened.changes).toBeGreaterThan(500);
    for (const count of [happened.joins, happened.resumes, happened.slow, happened.deleted])
      expect(count).toBeGreaterThan(10);
    expect(happened.gaps).toBeGreaterThan(0);
    for (const { connection } of world.clients) if (connection !== null) rig.watches.forget(connection);
    await rig.turn();
    expect(rig.engine.following).toBe(0);
    expect(rig.clock.pending).toBe(0);
  },
);
