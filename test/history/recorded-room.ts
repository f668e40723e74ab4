import type {
  Changes,
  ClaimOptions,
  Condition,
  HeldLock,
  Lifetime,
  ListOptions,
  LockOptions,
  Room,
  Step,
  WatchOptions,
  WriteOptions,
} from "../../client/sdk/types.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry } from "../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Answer, Request, WriteRequest } from "./history.ts";
import { RecordedWatch } from "./recorded-watch.ts";
import { codeOf, type Recorder } from "./recorder.ts";

/** What `withLock` waits if nothing is said. */
const SECTION_WAIT_MS = 10_000;

/** One room's calls of a client, recorded. */
export class RecordedRoom
  implements
    Pick<
      Room,
      | "get"
      | "read"
      | "put"
      | "delete"
      | "write"
      | "list"
      | "outcome"
      | "lock"
      | "unlock"
      | "touch"
      | "undo"
      | "withLock"
    >
{
  readonly #who: { readonly client: string; readonly user: string; readonly room: string };
  readonly #room: Room;
  readonly #recorder: Recorder;

  constructor(client: string, user: string, name: string, room: Room, recorder: Recorder) {
    this.#who = { client, user, room: name };
    this.#room = room;
    this.#recorder = recorder;
  }

  get(key: string): Promise<Entry | null> {
    const entries = (entry: Entry | null): Answer => ({ kind: "entries", entries: [entry], revision: null });
    return this.#call({ kind: "get", key }, () => this.#room.get(key), entries);
  }

  read(keys: readonly string[]): Promise<Output<"read">> {
    return this.#call(
      { kind: "read", keys },
      () => this.#room.read(keys),
      ({ entries, revision }) => {
        const byKey = new Map(entries.map((entry) => [entry.key, entry]));
        return { kind: "entries", entries: keys.map((key) => byKey.get(key) ?? null), revision };
      },
    );
  }

  write(changes: Changes, options: ClaimOptions = {}): Promise<Output<"write">> {
    return this.#call(
      { ...requestOf(changes), ...claimOf(options) },
      () => this.#room.write(changes, options),
      ({ revision }) => ({ kind: "committed", revision, version: null }),
    );
  }

  /** The same as a transaction that does nothing where a condition does not hold. */
  swap(changes: Changes): Promise<Output<"transact">> {
    const { puts = [], deletes = [], if: conditions = [] } = changes;
    const then: Step[] = [
      ...puts.map(({ key, value }) => ({ put: key, value })),
      ...deletes.map((key) => ({ delete: key })),
    ];
    return this.#call(
      { ...requestOf(changes), isTransaction: true },
      () => this.#room.transact({ if: conditions, then }),
      ({ revision }) => ({ kind: "committed", revision, version: null }),
    );
  }

  put(key: string, value: string, options: WriteOptions & Lifetime = {}): Promise<Output<"put">> {
    return this.#call(
      {
        kind: "write",
        puts: [{ key, value, ...lifetimeOf(options) }],
        deletes: [],
        ...conditionsOf(key, options),
        ...claimOf(options),
      },
      () => this.#room.put(key, value, options),
      ({ revision, version }) => ({ kind: "committed", revision, version }),
    );
  }

  delete(key: string, options: WriteOptions = {}): Promise<Output<"delete">> {
    return this.#call(
      { kind: "write", puts: [], deletes: [key], ...conditionsOf(key, options), ...claimOf(options) },
      () => this.#room.delete(key, options),
      ({ revision }) => ({ kind: "committed", revision, version: null }),
    );
  }

  list(options: ListOptions = {}): Promise<Output<"list">> {
    const { prefix = "", after = null, limit = FIXED_LIMITS.pageEntries } = options;
    return this.#call(
      { kind: "list", prefix, after, limit },
      () => this.#room.list(options),
      (page) => ({ kind: "page", ...page }),
    );
  }

  lock(keys: readonly string[], options: LockOptions = {}): Promise<Output<"lock">> {
    const { mode = "exclusive", waitMs = 0, leaseMs = null } = options;
    return this.#call(
      { kind: "lock", keys, mode, waitMs, leaseMs },
      () => this.#room.lock(keys, options),
      ({ fence }) => ({ kind: "granted", fence }),
    );
  }

  unlock(keys: readonly string[]): Promise<void> {
    return this.#call(
      { kind: "unlock", keys },
      () => this.#room.unlock(keys),
      () => ({ kind: "unlocked" }),
    );
  }

  /** As a lock that is granted when the function begins, and an unlock, of whose outcome nothing is told, when it ends. */
  async withLock<T>(
    keys: readonly string[],
    options: LockOptions,
    body: (lock: HeldLock) => T | Promise<T>,
  ): Promise<T> {
    const { mode = "exclusive", waitMs = SECTION_WAIT_MS, leaseMs = null } = options;
    const recorder = this.#recorder;
    const request = { kind: "lock", keys, mode, waitMs, leaseMs, isSection: true } as const;
    const call = recorder.invoked({ ...this.#who, request });
    let unlock: number | null = null;
    let hasBegun = false;
    try {
      return await this.#room.withLock(keys, options, async (lock) => {
        hasBegun = true;
        recorder.record({ kind: "answered", call, answer: { kind: "granted", fence: lock.fence } });
        try {
          return await body(lock);
        } finally {
          unlock = recorder.invoked({ ...this.#who, request: { kind: "unlock", keys } });
        }
      });
    } catch (error) {
      if (!hasBegun) recorder.record({ kind: "refused", call, code: codeOf(error) });
      throw error;
    } finally {
      if (unlock !== null) recorder.record({ kind: "refused", call: unlock, code: "unknown_outcome" });
    }
  }

  touch(key: string, ttlMs: number | null): Promise<Output<"touch">> {
    return this.#call(
      { kind: "touch", key, ttlMs },
      () => this.#room.touch(key, ttlMs),
      ({ existed }) => ({ kind: "touched", existed }),
    );
  }

  undo(revision: number): Promise<Output<"undo">> {
    return this.#call(
      { kind: "undo", revision },
      () => this.#room.undo(revision),
      (answer) => ({ kind: "committed", revision: answer.revision, version: null }),
    );
  }

  outcome(op: string): Promise<Output<"status">> {
    return this.#call(
      { kind: "status", op },
      () => this.#room.outcome(op),
      (status) => ({ kind: "status", status }),
    );
  }

  watch(options: WatchOptions = {}): RecordedWatch {
    const { from = null, ...filter } = options;
    const number = this.#recorder.opened({ ...this.#who, filter, from });
    try {
      return new RecordedWatch(number, this.#room.watch(options), this.#recorder);
    } catch (error) {
      this.#recorder.failed(number, error);
      throw error;
    }
  }

  async #call<T>(request: Request, ask: () => Promise<T>, read: (value: T) => Answer): Promise<T> {
    const call = this.#recorder.invoked({ ...this.#who, request });
    try {
      const value = await ask();
      this.#recorder.record({ kind: "answered", call, answer: read(value) });
      return value;
    } catch (error) {
      const op = error instanceof KeyroomError ? error.op : undefined;
      this.#recorder.record({ kind: "refused", call, code: codeOf(error), ...(op === undefined ? {} : { op }) });
      throw error;
    }
  }
}

function requestOf({ puts = [], deletes = [], if: conditions = [] }: Changes): WriteRequest {
  return { kind: "write", puts, deletes, conditions: conditions.map(conditionOf) };
}

function conditionOf(condition: Condition): WriteRequest["conditions"][number] {
  return "absent" in condition ? { key: condition.key, revision: 0 } : condition;
}

function conditionsOf(key: string, { ifRevision }: WriteOptions): Pick<WriteRequest, "conditions"> {
  return { conditions: ifRevision === undefined ? [] : [{ key, revision: ifRevision }] };
}

function claimOf({ fence, waitMs }: ClaimOptions): Pick<WriteRequest, "fence" | "waitMs"> {
  return { ...(fence === undefined ? {} : { fence }), ...(waitMs === undefined ? {} : { waitMs }) };
}

function lifetimeOf({ ttlMs, ephemeral }: Lifetime): Lifetime {
  return { ...(ttlMs === undefined ? {} : { ttlMs }), ...(ephemeral === undefined ? {} : { ephemeral }) };
}
