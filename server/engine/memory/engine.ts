import { randomBytes, randomInt } from "node:crypto";
import { ERROR_CODES } from "../../../protocol/errors.ts";
import type { Position } from "../../../protocol/fields.ts";
import { DEFAULT_LIMITS, type RoomLimits } from "../../../protocol/limits.ts";
import type {
  Commit,
  Committed,
  Engine,
  Follower,
  Operation,
  OperationId,
  OperationStatus,
  Outcome,
  Refused,
  Transacted,
  Transaction,
} from "../port.ts";
import { Followers } from "./followers.ts";
import { OperationWindow, type Recollection, type Remembered } from "./operation-window.ts";
import { type Budget, MemoryRoom } from "./room.ts";

/** Keeps everything in this process's memory. Asynchronous by contract, synchronous inside. */
export class MemoryEngine implements Engine {
  readonly durability = "memory";
  readonly #limits: RoomLimits;
  readonly #now: () => number;
  readonly #rooms = new Map<string, MemoryRoom>();
  readonly #windows = new Map<string, OperationWindow>();
  readonly #followers = new Followers();
  readonly #budget: Budget;
  /** Differs between processes, so that an epoch never comes twice. */
  readonly #life = randomBytes(9).toString("base64url");
  #lives = 0;
  /** A random start keeps the tags of two processes apart even where epochs were confused. */
  #tag = randomInt(2 ** 40);

  /** @param now wall time in ms since 1970, for `updatedAt` */
  constructor(limits: Partial<RoomLimits> = {}, now: () => number = Date.now) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
    const relieve = (bytes: number): void => this.#relieve(bytes);
    this.#budget = { limit: this.#limits.totalBytes, entries: 0, logs: 0, relieve };
  }

  async run(name: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    return batch.map((operation) => {
      // To ask for a status makes no room.
      if (operation.kind === "status") return { kind: "status", status: this.#status(name, operation.id) };
      return this.#runOne(this.#room(name), operation);
    });
  }

  async keyCounts(rooms: readonly string[]): Promise<readonly number[]> {
    return rooms.map((name) => this.#rooms.get(name)?.size ?? 0);
  }

  async deleteRoom(name: string): Promise<void> {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    const deletes = room.snapshot({ kind: "all" }).map(({ key }) => key);
    this.#write(room, { kind: "commit", by: "system", puts: [], deletes, conditions: [] });
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

  async forgetClient(client: string): Promise<void> {
    this.#windows.delete(client);
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
      room = new MemoryRoom(name, epoch, ++this.#tag, this.#limits, this.#budget, (record) =>
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
        return operation.id === undefined ? this.#write(room, operation) : this.#once(room, operation, operation.id);
      case "read":
        return room.read(operation.keys);
      case "list":
        return room.list(operation.prefix, operation.after, operation.limit);
      case "snapshot":
        return { kind: "snapshot", entries: room.snapshot(operation.filter), position: room.position };
      case "replay":
        return this.#replay(room, operation.from);
      case "history":
        return room.history(operation.key, operation.before, operation.limit);
    }
  }

  #write(room: MemoryRoom, write: Commit | Transaction): Committed | Transacted | Refused {
    const tag = ++this.#tag;
    const at = this.#now();
    return write.kind === "commit" ? room.commit(write, tag, at) : room.transact(write, tag, at);
  }

  /** Runs the write unless its id has run before. */
  #once(room: MemoryRoom, write: Commit | Transaction, id: OperationId): Outcome {
    const window = this.#window(id.client);
    const known = window.recall(room.name, id.counter);
    if (known.kind !== "new") return repeated(known, write);
    const outcome = this.#write(room, write);
    const answer = memorable(outcome);
    if (answer !== null) window.remember(room.name, id.counter, answer);
    return outcome;
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
    const window = this.#window(id.client);
    const known = window.recall(room, id.counter);
    switch (known.kind) {
      case "committed":
      case "transacted":
        return { state: "committed", revision: known.revision };
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

/** What is to be remembered; null where it is no final answer, as it may succeed later. */
function memorable(outcome: Committed | Transacted | Refused): Remembered | null {
  switch (outcome.kind) {
    case "committed":
      return outcome;
    case "transacted":
      // The entries that were read may be large, and are of the past.
      return { ...outcome, results: null };
    case "refused":
      return ERROR_CODES[outcome.code] ? null : { kind: "refused", code: outcome.code };
  }
}

/** The answer to an operation id that is not new. */
function repeated(known: Exclude<Recollection, { kind: "new" }>, { kind }: Commit | Transaction): Outcome {
  switch (known.kind) {
    case "committed":
    case "transacted":
      if ((known.kind === "committed") === (kind === "commit")) return known;
      return {
        kind: "refused",
        code: "invalid",
        message: "This operation id belongs to another request. Give each write an id of its own.",
      };
    case "refused":
      return { ...known, message: "This operation was refused when it ran first; its id gets the same answer." };
    case "never":
      return {
        kind: "refused",
        code: "invalid",
        message: "This operation was declared never to have run, before it came. Issue it anew.",
      };
    case "forgotten":
      return {
        kind: "refused",
        code: "unknown_outcome",
        message: "This operation id is too old: it may have run, and its answer is no longer known.",
      };
  }
}
