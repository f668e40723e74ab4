/** Histories that are told by hand, in few words: the room `ann` unless another is named, in the life `E`. */

import type { WatchState } from "../../client/sdk/types.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import type { Entry, Position, Role } from "../../protocol/fields.ts";
import { check } from "./check.ts";
import type {
  Answer,
  History,
  HistoryEvent,
  Lifetime,
  LockRequest,
  Request,
  WatchFilter,
  WriteRequest,
} from "./history.ts";

export function at(revision: number, epoch = "E"): Position {
  return { epoch, revision, tag: revision + 100 };
}

/** As it was committed by ann at this revision. */
export function entry(key: string, value: string, revision: number, version = 1, updatedBy = "ann"): Entry {
  return { key, value, revision, version, updatedAt: 1_000 + revision, updatedBy };
}

export function put(key: string, value: string, ifRevision?: number): WriteRequest {
  const conditions = ifRevision === undefined ? [] : [{ key, revision: ifRevision }];
  return { kind: "write", puts: [{ key, value }], deletes: [], conditions };
}

export function write(values: Readonly<Record<string, string>>, deletes: readonly string[] = []): WriteRequest {
  const puts = Object.entries(values).map(([key, value]) => ({ key, value }));
  return { kind: "write", puts, deletes, conditions: [] };
}

/** A put with something of locks or lifetimes in it. */
export function putWith(
  key: string,
  value: string,
  { fence, waitMs, ...life }: Pick<WriteRequest, "fence" | "waitMs"> & Lifetime,
): WriteRequest {
  const claim = { ...(fence === undefined ? {} : { fence }), ...(waitMs === undefined ? {} : { waitMs }) };
  return { kind: "write", puts: [{ key, value, ...life }], deletes: [], conditions: [], ...claim };
}

/** For oneself, at once and for as long as one likes, unless something else is said. */
export function lock(
  keys: string,
  { mode = "exclusive", waitMs = 0, leaseMs = null }: Partial<LockRequest> = {},
): LockRequest {
  return { kind: "lock", keys: keys.split(" "), mode, waitMs, leaseMs };
}

export const unlock = (keys: string): Request => ({ kind: "unlock", keys: keys.split(" ") });
export const granted = (fence: number): Answer => ({ kind: "granted", fence });
export const unlocked: Answer = { kind: "unlocked" };

export const remove = (key: string): WriteRequest => write({}, [key]);
export const get = (key: string): Request => ({ kind: "get", key });
export const read = (...keys: string[]): Request => ({ kind: "read", keys });
export const list: Request = { kind: "list", prefix: "", after: null, limit: 1000 };

export const done = (revision: number | null, version: number | null = null): Answer => {
  return { kind: "committed", revision, version };
};
export const found = (entry: Entry | null): Answer => ({ kind: "entries", entries: [entry], revision: null });
/** What is answered to a read of several keys. */
export const foundAt = (revision: number, ...entries: (Entry | null)[]): Answer => {
  return { kind: "entries", entries, revision };
};
export const page = (position: Position, ...entries: Entry[]): Answer => {
  return { kind: "page", entries, more: false, position };
};

/** How long a session outlives its connection. */
export const GRACE_MS = 5_000;

interface Who {
  readonly user?: string;
  readonly room?: string;
  readonly op?: string;
}

export class Story {
  readonly #events: HistoryEvent[] = [];
  readonly #times: number[] = [];
  #now = 0;
  #numbers = 0;

  /** With times only where some has passed. */
  get history(): History {
    const events = [...this.#events];
    return this.#now === 0 ? { events } : { events, times: [...this.#times], graceMs: GRACE_MS };
  }

  /** The names of the validators that find something. */
  get caughtBy(): string[] {
    return caughtBy(this.history);
  }

  say(...events: HistoryEvent[]): this {
    this.#events.push(...events);
    for (const _ of events) this.#times.push(this.#now);
    return this;
  }

  pass(ms: number): this {
    this.#now += ms;
    return this;
  }

  /** Users have a session, which has a connection. */
  here(...users: string[]): this {
    for (const user of users) {
      this.say({ kind: "presence", session: user, state: "here" });
      this.say({ kind: "session", client: `${user}'s`, durability: "memory", id: user });
    }
    return this;
  }

  presence(session: string, state: "here" | "away" | "leaving"): this {
    return this.say({ kind: "presence", session, state });
  }

  /** The server tells a user of his locks in the room `ann`. */
  locks(user: string, news: "waiting" | "lost", keys: string): this {
    return this.say({ kind: "locks", client: `${user}'s`, room: "ann", news, keys: keys.split(" ") });
  }

  invoke(request: Request, { user = "ann", room = "ann", op }: Who = {}): number {
    const call = ++this.#numbers;
    this.say({ kind: "invoked", call, client: `${user}'s`, user, room, request, ...(op === undefined ? {} : { op }) });
    return call;
  }

  answer(call: number, answer: Answer): this {
    return this.say({ kind: "answered", call, answer });
  }

  refuse(call: number, code: ErrorCode, op?: string): this {
    return this.say({ kind: "refused", call, code, ...(op === undefined ? {} : { op }) });
  }

  /** A call that is answered, or refused, before anything else happens. */
  call(request: Request, end: Answer | ErrorCode, who: Who = {}): this {
    const call = this.invoke(request, who);
    return typeof end === "string" ? this.refuse(call, end) : this.answer(call, end);
  }

  open(
    filter: WatchFilter = {},
    { user = "ann", room = "ann", from = null }: Who & { from?: Position | null } = {},
  ): number {
    const watch = ++this.#numbers;
    this.say({ kind: "opened", watch, client: `${user}'s`, user, room, filter, from });
    return watch;
  }

  snapshot(watch: number, position: Position, ...puts: Entry[]): this {
    const event = { kind: "snapshot", reset: true, room: "ann", position, puts, deletes: [] } as const;
    return this.say({ kind: "told", watch, by: "listener", event });
  }

  change(watch: number, position: Position, puts: Entry[], deletes: string[] = []): this {
    const [time, by] = [1_000 + position.revision, puts[0]?.updatedBy ?? "ann"];
    const event = { kind: "change", reset: false, room: "ann", position, at: time, by, puts, deletes } as const;
    return this.say({ kind: "told", watch, by: "listener", event });
  }

  gap(watch: number, position: Position, puts: Entry[], deletes: string[] = [], reset = false): this {
    return this.say({
      kind: "told",
      watch,
      by: "listener",
      event: { kind: "gap", reset, room: "ann", position, puts, deletes },
    });
  }

  end(watch: number): this {
    const event = { kind: "end", room: "ann", reason: "The room was deleted." } as const;
    return this.say({ kind: "told", watch, by: "listener", event });
  }

  state(watch: number, state: WatchState): this {
    return this.say({ kind: "state", watch, state, why: "" });
  }

  quiet(...watches: number[]): this {
    return this.say(...watches.map((watch): HistoryEvent => ({ kind: "quiet", watch })));
  }

  role(user: string, role: Role, phase: "asked" | "answered" = "answered"): this {
    return this.say({ kind: "role", user, role, phase });
  }

  lose(room: string | null = null): this {
    return this.say({ kind: "lost", room, phase: "begun" }, { kind: "lost", room, phase: "done" });
  }

  witness(): this {
    return this.say({ kind: "witnessed", room: "ann" });
  }

  /** What the witness saw, just now. */
  committed({ epoch, revision, tag }: Position, puts: Entry[], deletes: string[] = [], by = "ann"): this {
    const change = { revision, tag, at: 1_000 + revision, by, puts, deletes };
    return this.say({ kind: "committed", room: "ann", epoch, change });
  }
}

export function caughtBy(history: History): string[] {
  return [...new Set(check(history).map(({ validator }) => validator))].sort();
}
