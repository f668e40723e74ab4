import { randomBytes, randomInt } from "node:crypto";
import type { Position } from "../../../protocol/fields.ts";
import { DEFAULT_LIMITS, LIST_ITEMS, type RoomLimits } from "../../../protocol/limits.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import type {
  Asker,
  Clock,
  Commit,
  Engine,
  Follower,
  LockNews,
  Operation,
  OperationId,
  OperationStatus,
  Outcome,
  Parked,
  Write,
} from "../port.ts";
import { Claims } from "./claims.ts";
import { DueQueue } from "./due-queue.ts";
import { Followers } from "./followers.ts";
import { Lifetimes } from "./lifetimes.ts";
import { memorable, OF_ANOTHER, OperationWindow, repeated } from "./operation-window.ts";
import { type Budget, MemoryRoom } from "./room.ts";
import { type Claimed, wantsOf } from "./wants.ts";

/** Keeps everything in this process's memory. Asynchronous by contract, synchronous inside. */
export class MemoryEngine implements Engine {
  readonly durability = "memory";
  readonly #limits: RoomLimits;
  readonly #clock: Clock;
  readonly #due: DueQueue;
  readonly #lifetimes: Lifetimes<MemoryRoom>;
  readonly #claims: Claims;
  readonly #listeners = new Set<(news: LockNews) => void>();
  readonly #rooms = new Map<string, MemoryRoom>();
  readonly #windows = new Map<string, OperationWindow>();
  /** Operations with an id that wait for locks. */
  readonly #parked = new Map<string, { readonly kind: Write["kind"]; readonly parked: Parked }>();
  readonly #followers = new Followers();
  readonly #budget: Budget;
  /** Differs between processes, so that an epoch never comes twice. */
  readonly #life = randomBytes(9).toString("base64url");
  #lives = 0;
  /** A random start keeps the tags of two processes apart even where epochs were confused. */
  #tag = randomInt(2 ** 40);

  constructor(limits: Partial<RoomLimits> = {}, clock: Clock = systemClock) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#clock = clock;
    this.#due = new DueQueue(clock, () => this.#afterDue());
    this.#lifetimes = new Lifetimes(this.#due);
    this.#claims = new Claims(clock, this.#due, (news) => {
      for (const listener of this.#listeners) listener(news);
    });
    this.#budget = { limit: this.#limits.totalBytes, entries: 0, logs: 0, relieve: (bytes) => this.#relieve(bytes) };
  }

  async run(name: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    this.#due.advance();
    return batch.map((operation) => {
      // To ask for a status makes no room.
      if (operation.kind === "status") return { kind: "status", status: this.#status(name, operation.id) };
      return this.#runOne(this.#room(name), operation);
    });
  }

  async keyCounts(rooms: readonly string[]): Promise<readonly number[]> {
    this.#due.advance();
    return rooms.map((name) => this.#rooms.get(name)?.size ?? 0);
  }

  async deleteRoom(name: string): Promise<void> {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    // First, as who waited for another's lock may write now: while there is a room.
    this.#claims.drop(name);
    const deletes = room.snapshot({ kind: "all" }).map(({ key }) => key);
    this.#commit(room, bySystem(deletes));
    room.drop();
    this.#rooms.delete(name);
    this.#followers.deleted(name);
  }

  follow(room: string, follower: Follower): () => void {
    return this.#followers.add(room, follower);
  }

  async settle(client: string, upTo: number): Promise<void> {
    this.#windows.get(client)?.settle(upTo);
  }

  async revokeLocks(owner: string, but?: string): Promise<void> {
    this.#claims.revoke(owner, but);
  }

  async forgetClient(client: string): Promise<void> {
    this.#due.advance();
    this.#claims.revoke(client);
    for (const [room, keys] of [...this.#lifetimes.ownedBy(client)]) this.#delete(room, [...keys]);
    this.#windows.delete(client);
  }

  onLocks(listener: (news: LockNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#claims.close();
    this.#due.close();
  }

  /** What is over goes at once, and what is over together in one commit. */
  #afterDue(): void {
    this.#expire();
    this.#claims.endLeases();
  }

  #expire(): void {
    for (const [room, keys] of this.#lifetimes.takeExpired()) this.#delete(room, keys);
  }

  /** In commits that a request could make, too: so large they can be undone, and pushed. */
  #delete(room: MemoryRoom, keys: readonly string[]): void {
    for (let i = 0; i < keys.length; i += LIST_ITEMS) this.#commit(room, bySystem(keys.slice(i, i + LIST_ITEMS)));
  }

  /** Takes somewhat more than asked, so that a full server does not look for the largest log with each commit. */
  #relieve(bytes: number): void {
    const goal = this.#budget.logs - bytes - this.#limits.totalBytes / 64;
    const rooms = [...this.#rooms.values()].sort((a, b) => b.logBytes - a.logBytes);
    for (const room of rooms) {
      if (this.#budget.logs <= goal) return;
      room.shedLog(this.#budget.logs - goal);
    }
  }

  #room(name: string): MemoryRoom {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      const epoch = `${this.#life}${++this.#lives}`;
      room = new MemoryRoom(name, epoch, ++this.#tag, this.#limits, this.#budget, this.#lifetimes, (record) =>
        this.#followers.committed(name, record, epoch),
      );
      this.#rooms.set(name, room);
    }
    return room;
  }

  #runOne(room: MemoryRoom, operation: Exclude<Operation, { kind: "status" }>): Outcome {
    switch (operation.kind) {
      case "commit":
      case "transact":
      case "undo":
      case "touch":
      case "lock":
      case "unlock":
        return operation.id === undefined ? this.#write(room, operation) : this.#once(room, operation, operation.id);
      case "read": {
        const { by = "", claim } = operation;
        const read = (): Outcome => room.read(operation.keys);
        return claim === undefined ? read() : this.#byLocks(room, { ...operation, by }, read);
      }
      case "at":
        return room.at(operation.key, operation.revision);
      case "list":
        return room.list(operation.prefix, operation.after, operation.limit);
      case "locks": {
        const locks = this.#claims.of(room.name)?.list(operation.limit);
        return { kind: "locks", ...(locks ?? { holders: [], waiters: [], more: false }) };
      }
      case "snapshot":
        return { kind: "snapshot", entries: room.snapshot(operation.filter), position: room.position };
      case "replay":
        return this.#replay(room, operation.from);
      case "history":
        return room.history(operation.key, operation.before, operation.limit);
    }
  }

  #write(room: MemoryRoom, write: Write): Outcome {
    switch (write.kind) {
      case "commit":
        // The way of nearly every write: no locks, no questions.
        if (write.claim === undefined && this.#claims.isFree(room.name)) return this.#commit(room, write);
        return this.#byLocks(room, write, () => this.#commit(room, write));
      case "transact":
        return this.#byLocks(room, write, () => room.transact(write, ++this.#tag, this.#clock.now()));
      case "undo": {
        const commit = room.inverseOf(write);
        return commit.kind === "refused" ? commit : this.#write(room, commit);
      }
      case "touch":
        return this.#byLocks(room, write, () => room.touch(write, this.#clock.now()));
      case "lock": {
        const claim = { ...write.claim, hold: true };
        return this.#byLocks(room, { ...write, claim }, () => ({ kind: "granted", fence: 0 }));
      }
      case "unlock":
        if (write.owner !== undefined) this.#claims.unlock(room.name, write.owner, write.keys);
        return { kind: "unlocked" };
    }
  }

  /** Runs `perform` as the locks allow; what is over by then goes first, also where another's end of waiting lets it run. */
  #byLocks(room: MemoryRoom, operation: Asker & Claimed, perform: () => Outcome): Outcome {
    return this.#claims.run(room.name, operation, wantsOf(operation), () => {
      this.#expire();
      return perform();
    });
  }

  #commit(room: MemoryRoom, commit: Commit): Outcome {
    return room.commit(commit, ++this.#tag, this.#clock.now());
  }

  /** Runs the write unless its id has run before, or waits already. */
  #once(room: MemoryRoom, write: Write, id: OperationId): Outcome {
    const waiting = this.#parked.get(parkedAs(room.name, id));
    if (waiting !== undefined) return waiting.kind === write.kind ? waiting.parked : OF_ANOTHER;
    const window = this.#window(id.client);
    const known = window.recall(room.name, id.counter);
    if (known.kind !== "new") return repeated(known, write);
    const outcome = this.#write(room, write);
    if (outcome.kind === "parked") return this.#park(room.name, write.kind, id, outcome);
    this.#remember(room.name, id, outcome);
    return outcome;
  }

  #park(room: string, kind: Write["kind"], id: OperationId, parked: Parked): Outcome {
    const name = parkedAs(room, id);
    const settled = parked.settled.then((outcome) => {
      this.#parked.delete(name);
      this.#remember(room, id, outcome);
      return outcome;
    });
    const waiting: Parked = { kind: "parked", settled };
    this.#parked.set(name, { kind, parked: waiting });
    return waiting;
  }

  #remember(room: string, { client, counter }: OperationId, outcome: Outcome): void {
    const answer = memorable(outcome);
    // Not where the client was forgotten while it waited.
    if (answer !== null) this.#windows.get(client)?.remember(room, counter, answer);
  }

  #replay(room: MemoryRoom, from: Position): Outcome {
    const replay = room.replay(from);
    switch (replay.kind) {
      case "records":
        return { kind: "replayed", records: replay.records, position: room.position };
      case "gap":
        return { kind: "gap" };
      case "future":
        return {
          kind: "refused",
          code: "future_position",
          message: `The room has not reached revision ${from.revision}. Watch it from where it is.`,
        };
    }
  }

  #status(room: string, id: OperationId): OperationStatus {
    if (this.#parked.has(parkedAs(room, id))) return { state: "unknown" };
    const window = this.#window(id.client);
    const known = window.recall(room, id.counter);
    switch (known.kind) {
      case "committed":
      case "transacted":
        return { state: "committed", revision: known.revision };
      case "granted":
      case "unlocked":
      case "touched":
        return { state: "committed", revision: null };
      case "refused":
        return { state: "refused", code: known.code };
      case "forgotten":
        return { state: "unknown" };
      case "new":
        window.remember(room, id.counter, { kind: "never" });
        return { state: "never" };
      case "never":
        return { state: "never" };
    }
  }

  #window(client: string): OperationWindow {
    let window = this.#windows.get(client);
    if (window === undefined) {
      window = new OperationWindow();
      this.#windows.set(client, window);
    }
    return window;
  }
}

function bySystem(deletes: readonly string[]): Commit {
  return { kind: "commit", by: "system", puts: [], deletes, conditions: [] };
}

function parkedAs(room: string, { client, counter }: OperationId): string {
  return `${client}:${counter} ${room}`;
}
