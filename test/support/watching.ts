/** The domain of watches without a transport: turns, time, the engine and slow clients are the test's to command. */

import type { Input } from "../../protocol/inputs.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push, PushName } from "../../protocol/pushes.ts";
import { Accounts } from "../../server/domain/accounts.ts";
import { Watches } from "../../server/domain/watches.ts";
import { type Audience, BACKLOG_BYTES, type Watcher } from "../../server/domain/watching.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Commit, Engine, Follower, Operation, Outcome } from "../../server/engine/port.ts";
import { ask, commit, expectKind } from "../contract/kit.ts";
import { caller, FakeAccountStore, settle } from "./domain-fakes.ts";
import { EngineAround } from "./engine-around.ts";
import { ManualClock } from "./manual-clock.ts";
import { readableLog } from "./readable-log.ts";

type Payloads = { readonly answer: Output<"watch"> } & { readonly [N in PushName]: Push<N> };

/** What a watcher was told: an answer to one of its requests, or a push. */
export type Told = {
  readonly [N in keyof Payloads]: { readonly name: N; readonly payload: Payloads[N] };
}[keyof Payloads];

export class FakeWatcher implements Watcher {
  readonly user: string;
  takesSeries = false;
  readonly told: Told[] = [];
  readonly channels = new Set<string>();
  aborted = false;
  #backlog = 0;
  #drained = Promise.resolve();
  #resume: () => void = () => undefined;
  /** Bytes by which each word to the client lets the backlog grow: 0 for one that keeps up. */
  weight = 0;

  constructor(user: string) {
    this.user = user;
  }

  push<N extends PushName>(name: N, payload: Push<N>): void {
    this.hear({ name, payload } as Told);
  }

  hear(told: Told): void {
    if (this.aborted) return;
    this.told.push(told);
    this.#backlog += this.weight;
  }

  join(channel: string): void {
    this.channels.add(channel);
  }

  leave(channel: string): void {
    this.channels.delete(channel);
  }

  backlog(): number {
    return this.#backlog;
  }

  /** So many bytes wait for the client now; none, and whoever waits for that goes on. */
  waiting(bytes: number): void {
    this.#backlog = bytes;
    this.#resume();
  }

  drained(): Promise<void> {
    this.#drained = this.#drained.then(async () => {
      while (this.#backlog > BACKLOG_BYTES / 8 && !this.aborted) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
    });
    return this.#drained;
  }

  abort(): void {
    this.aborted = true;
    this.#resume();
  }

  close(): void {
    this.aborted = true;
  }

  dismiss(): void {
    this.aborted = true;
  }

  /** The payloads of one kind of push, or the answers. */
  heard<N extends keyof Payloads>(name: N): Payloads[N][] {
    return this.told.flatMap((one) => (one.name === name ? [one.payload as Payloads[N]] : []));
  }

  /** Takes what was told up to now. */
  take(): Told[] {
    return this.told.splice(0);
  }
}

/** Says to whoever has joined; counts how often something is said. */
class FakeAudience implements Audience {
  readonly said: { readonly channel: string; readonly payload: Push<"changes"> }[] = [];
  readonly #watchers: readonly FakeWatcher[];

  constructor(watchers: readonly FakeWatcher[]) {
    this.#watchers = watchers;
  }

  say(channel: string, payload: Push<"changes">): void {
    this.said.push({ channel, payload });
    for (const watcher of this.#watchers) if (watcher.channels.has(channel)) watcher.push("changes", payload);
  }
}

/** Counts who follows, and lets a test act just before or behind a read. */
class TappedEngine extends EngineAround {
  following = 0;
  /** Called before each read of a watch reaches the engine, and behind it, before the answer is handed on. */
  beforeRead: () => Promise<void> = async () => undefined;
  afterRead: () => Promise<void> = async () => undefined;
  #held: (() => void)[] | null = null;

  override async run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    const isRead = batch.some(({ kind }) => kind === "snapshot" || kind === "replay");
    if (isRead) await this.beforeRead();
    const outcomes = await super.run(room, batch);
    if (isRead) await this.afterRead();
    return outcomes;
  }

  override follow(room: string, follower: Follower): () => void {
    this.following++;
    let follows = true;
    const unfollow = super.follow(room, {
      committed: (change, position) => this.#tell(() => follower.committed(change, position)),
      deleted: () => this.#tell(() => follower.deleted()),
    });
    return () => {
      if (follows) this.following--;
      follows = false;
      unfollow();
    };
  }

  /** As a far engine may: answers, and tells its followers only when the returned function is called. */
  holdFollowers(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = null;
      for (const tell of held) tell();
    };
  }

  #tell(tell: () => void): void {
    if (this.#held === null) tell();
    else this.#held.push(tell);
  }
}

export class WatchRig {
  readonly clock = new ManualClock();
  readonly log = readableLog();
  readonly engine: TappedEngine;
  readonly accounts = new Accounts(new FakeAccountStore(), () => this.clock.now());
  readonly watchers: FakeWatcher[] = [];
  readonly audience = new FakeAudience(this.watchers);
  /** Rooms of which somebody began or ceased to watch, as they came. */
  readonly changed: string[] = [];
  readonly watches: Watches;
  #endOfTurn: (() => void)[] = [];

  /** @param rooms users to begin with */
  constructor(rooms: readonly string[] = ["ann", "bob"], engine: Engine = new MemoryEngine()) {
    this.engine = new TappedEngine(engine);
    const parts = {
      engine: this.engine,
      audience: this.audience,
      clock: this.clock,
      log: this.log,
      endOfTurn: (run: () => void) => void this.#endOfTurn.push(run),
    };
    this.watches = new Watches(this.accounts, parts, (room) => void this.changed.push(room));
    this.accounts.onCreate = ({ name }) => this.watches.born(name);
    for (const room of rooms) this.accounts.create(room, "password");
  }

  watcher(user = "boss"): FakeWatcher {
    const watcher = new FakeWatcher(user);
    this.watchers.push(watcher);
    return watcher;
  }

  /** Asks as a manager, or as a guest for his own room. Rejects like the domain, with the answer on the way or not. */
  async watch(watcher: FakeWatcher, input: Input<"watch"> = {}): Promise<void> {
    const role = input.room === undefined || input.room === watcher.user ? "guest" : "manager";
    await this.watches.watch(caller(watcher.user, role), watcher, input, (payload) =>
      watcher.hear({ name: "answer", payload }),
    );
  }

  /** Commits at once, as the room's owner. What watches are told comes with the end of the turn. */
  async put(room: string, key: string, value = "v"): Promise<number> {
    return this.commit(room, { puts: [{ key, value }] });
  }

  async commit(room: string, parts: Partial<Commit>): Promise<number> {
    const outcome = await ask(this.engine, room, commit({ by: room, ...parts }));
    return expectKind(outcome, "committed").revision ?? 0;
  }

  /** Ends the turn. @returns whether there was anything to do */
  endTurn(): boolean {
    const ending = this.#endOfTurn.splice(0);
    for (const run of ending) run();
    return ending.length > 0;
  }

  /** Ends turns until there is nothing more to do. */
  async turn(): Promise<void> {
    do await settle();
    while (this.endTurn());
  }

  /** Removes the account and its room, as at the end of its last session. */
  async remove(user: string): Promise<void> {
    this.accounts.remove(user);
    await this.engine.deleteRoom(user);
    await this.turn();
  }
}
