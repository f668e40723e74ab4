import type { Role } from "../../protocol/fields.ts";
import { OPERATOR } from "../../server/domain/roles.ts";
import type { History, Violation } from "../history/history.ts";
import { codeOf, Recorder } from "../history/recorder.ts";
import { type Random, seededRandom } from "../support/random.ts";
import { AccountShelf } from "./account-shelf.ts";
import { Host } from "./host.ts";
import { LONGEST_DELAY_MS, Network } from "./network.ts";
import type { Plant } from "./plant.ts";
import { Program } from "./program.ts";
import { Tally } from "./tally.ts";
import { ProcessClock, Turns } from "./turns.ts";
import { simulatedWire } from "./wire.ts";

/** Whose programs there are; the first two begin as managers. */
export const USERS = ["mia", "max", "ann", "bob"] as const;
const PROGRAMS_OF = { mia: 2, max: 1, ann: 2, bob: 2 } as const;

/** Within so many ms a half-open line is noticed. */
const NOTICED_MS = 10_000;

/** A write of which nobody knows yet whether it happened. */
interface Doubt {
  readonly user: string;
  readonly room: string;
  readonly op: string;
}

/** A server, its network and the programs that use it; everything in it is a function of the seed. */
export class World {
  readonly random: Random;
  /** Gives requests other shapes; apart, so that what else happens in a seed stays what it was before there were any. */
  readonly shapes: Random;
  readonly tally = new Tally();
  /** Has programs lock, wait and put what goes by itself; apart for the same reason. */
  readonly locking: Random;
  #stopWitness: () => void = () => undefined;
  readonly recorder = new Recorder(() => this.turns.clock.monotonic());
  readonly turns: Turns;
  readonly network: Network;
  readonly programs: readonly Program[];
  /** What must not be and is no matter of a history. */
  readonly faults: Violation[] = [];
  doubts: readonly Doubt[] = [];
  /** Resolves when nothing goes wrong any more, and what was begun is to end. */
  readonly healing: Promise<void>;
  #heal: () => void = () => undefined;
  readonly #plant: Plant;
  readonly #shelf = new AccountShelf();
  readonly #graceMs: number;
  readonly #logRecords: number;
  /** Whose role is changing: one change after the other. */
  readonly #changing = new Set<string>();
  #host: Host;

  constructor(seed: number, plant: Plant) {
    this.random = seededRandom(seed);
    this.healing = new Promise((resolve) => {
      this.#heal = resolve;
    });
    this.shapes = seededRandom(seed ^ 0x7feb352d);
    this.locking = seededRandom(seed ^ 0x1b873593);
    this.turns = new Turns(seededRandom(seed ^ 0x2545f491));
    this.#plant = plant;
    this.#graceMs = 4_000 + this.random.int(16_000);
    this.#logRecords = this.random.pick([1, 2, 3, 5, 8, 13]);
    this.network = new Network(this.turns.clock, seededRandom(seed ^ 0x5bd1e995));
    this.programs = USERS.flatMap((user) =>
      Array.from({ length: PROGRAMS_OF[user] }, (_, i) => this.#program(user, `${user}-${i + 1}`)),
    );
    this.#host = this.#boot();
  }

  get history(): History {
    return this.recorder.history({ logRecords: this.#logRecords, graceMs: this.#graceMs });
  }

  /** Everybody signs in. */
  async begin(): Promise<void> {
    for (const user of USERS) this.recorder.roleIs(user, "guest");
    for (const program of this.programs) program.start();
    await this.turns.pass(500);
    for (const user of USERS.slice(0, 2)) this.operate(user, "manager");
    await this.pass(100);
  }

  /** Ms for which a session outlives its connection. */
  get graceMs(): number {
    return this.#graceMs;
  }

  /** Nothing is under way any more, and no wait can be left. */
  async rest(): Promise<void> {
    await this.recorder.atRest(this.#host.engine, USERS);
    this.recorder.quiet();
  }

  heal(): void {
    this.network.heal();
    this.#heal();
  }

  fault(validator: string, what: string): void {
    this.faults.push({ validator, what, at: [] });
  }

  /** One direction of a client's line is dead; he must notice. */
  halfOpen({ name, store }: Program, direction: "up" | "down"): void {
    const line = this.network.lineOf(name);
    line?.die(direction);
    if (line === undefined || store?.store.state !== "connected" || this.network.hasSeveral(name)) return;
    let isNoticed = false;
    const stop = store.store.on("state", (state) => {
      isNoticed ||= state !== "connected";
    });
    this.turns.clock.after(NOTICED_MS, () => {
      stop();
      // The promise is of one trouble, and not of several one behind the other.
      if (!isNoticed && line.troubles === 1)
        this.fault("noticed", `${name} did not notice within ${NOTICED_MS} ms that its line was dead.`);
    });
  }

  async pass(ms: number): Promise<void> {
    await this.turns.pass(ms);
  }

  roleOf(user: string): Role {
    return this.#host.domain.accounts.find(user)?.role ?? "guest";
  }

  /** A program changes its own role or that of another user. */
  changeRole(by: Program, user: string, role: Role): void {
    void this.#change(user, role, async () => {
      const { store } = by.store ?? {};
      if (store === undefined) return false;
      if (by.user === user && role === "manager") await store.upgrade();
      else if (role === "manager") await store.promote(user);
      else await store.demote(user);
      return true;
    });
  }

  /** The operator does it at the server's terminal. */
  operate(user: string, role: Role): void {
    const { roles } = this.#host.domain;
    const change = () => (role === "manager" ? roles.promote(user, OPERATOR) : roles.demote(user, OPERATOR));
    void this.#change(user, role, () => this.#onHost(change));
  }

  /** The server stops, with a goodbye or without one, and comes back with its accounts or without them. */
  async restart(isOrderly: boolean, keepsAccounts: boolean): Promise<void> {
    this.tally.count("restarts");
    if (isOrderly) {
      this.#host.drain();
      await this.pass(this.random.int(500));
      this.#host.dismissAll();
      await this.pass(LONGEST_DELAY_MS);
    }
    const done = this.recorder.restarting();
    this.#host.kill();
    // What was still under way in it happens to nobody.
    this.#stopWitness();
    this.network.host = null;
    this.network.cutAll();
    if (!keepsAccounts) this.#forgetAccounts();
    await this.pass(this.random.int(3_000));
    done();
    this.#host = this.#boot();
  }

  /** The operator deletes a user with his room. */
  async deleteUser(user: string): Promise<void> {
    const { domain } = this.#host;
    if (this.#changing.has(user) || domain.accounts.find(user) === undefined) return;
    this.tally.count("rooms deleted");
    for (const { client } of domain.sessions.ofUser(user)) this.leaving(client);
    await this.#change(user, "guest", () => this.#onHost(() => domain.lifetimes.deleteUser(user, domain.sessions)));
  }

  /** A session is about to be ended. */
  leaving(session: string): void {
    this.recorder.record({ kind: "presence", session, state: "leaving" });
  }

  /** Some program of the user asks what became of a write. */
  settle(doubt: Doubt): void {
    const siblings = this.programs.filter(({ user, store }) => user === doubt.user && store !== null);
    if (siblings.length === 0) return;
    void this.random.pick(siblings).call(doubt.room, async (store) => {
      const status = await store.room(doubt.room).outcome(doubt.op);
      this.tally.count(`outcomes: ${status.state}`);
      this.doubts = this.doubts.filter((other) => other !== doubt);
    });
  }

  /** Null when the process ended before the work did. */
  #onHost(work: () => Promise<unknown>): Promise<boolean | null> {
    return Promise.race([work().then(() => true), this.#host.ended.then(() => null)]);
  }

  /** @param change resolves with whether it was done; null where nobody knows */
  async #change(user: string, role: Role, change: () => Promise<boolean | null>): Promise<void> {
    if (this.#changing.has(user)) return;
    this.#changing.add(user);
    const { recorder } = this;
    recorder.record({ kind: "role", user, role, phase: "asked" });
    try {
      const isDone = await change();
      if (isDone === null) return;
      recorder.record({ kind: "role", user, role, phase: isDone ? "answered" : "refused" });
    } catch (error) {
      const code = codeOf(error);
      if (code === "forbidden" || code === "not_found") {
        recorder.record({ kind: "role", user, role, phase: "refused" });
      }
    } finally {
      this.#changing.delete(user);
    }
  }

  #forgetAccounts(): void {
    this.#shelf.clear();
    for (const user of USERS) {
      this.recorder.record({ kind: "role", user, role: "guest", phase: "asked" });
      this.recorder.record({ kind: "role", user, role: "guest", phase: "answered" });
    }
  }

  #boot(): Host {
    const { turns, tally } = this;
    const clock = new ProcessClock(turns.clock);
    const random = seededRandom(this.random.int(2 ** 31));
    const store = this.#shelf.store(clock, () => random.int(15));
    const host = new Host({
      accounts: { saved: this.#shelf.read(), store },
      clock,
      engineDelay: this.random.int(3) === 0 ? () => random.int(6) : null,
      graceMs: this.#graceMs,
      logRecords: this.#logRecords,
      onFault: (validator, what) => this.fault(validator, what),
      onPresence: (session, state) => this.recorder.record({ kind: "presence", session, state }),
      plant: this.#plant,
      tally,
      turns,
    });
    this.#stopWitness = this.recorder.witness(host.engine, USERS);
    this.network.host = host;
    return host;
  }

  #program(user: string, name: string): Program {
    const { clock } = this.turns;
    const random = seededRandom(this.random.int(2 ** 31));
    return new Program(name, user, {
      clock,
      random,
      recorder: this.recorder,
      tally: this.tally,
      deadlineMs: this.random.pick([1_000, 2_500, 5_000, 10_000]),
      openWire: this.#plant.wire(
        simulatedWire({
          clock,
          random,
          dial: this.network.dialFor(name),
          onSilence: () => this.tally.count("half-open lines noticed"),
        }),
        clock,
      ),
      onDoubt: (room, op) => {
        const doubt = { user, room, op };
        this.doubts = [...this.doubts, doubt];
        if (this.random.int(2) === 0) this.settle(doubt);
      },
      onFault: (what) => this.fault("sound", `${name}: ${what}`),
    });
  }
}
