/** Histories of a server that is right: clients overlap, answers get lost, watches lag behind, servers restart. */
import { Replica, type WatchEvent } from "../../client/sdk/replica.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import type { Entry, Position } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Change } from "../../server/engine/port.ts";
import type { Random } from "../support/random.ts";
import type { Answer, History, HistoryEvent, Request, WatchFilter, WriteRequest } from "./history.ts";
import { Recorder } from "./recorder.ts";
import { covers } from "./streams.ts";

export interface ExampleOptions {
  readonly clients: number;
  /** Calls of each client. */
  readonly calls: number;
  readonly rooms: number;
  readonly keys: number;
  readonly watches: number;
  readonly isWitnessed: boolean;
  readonly restarts: boolean;
  /** Of 100 calls, those whose answer is lost. */
  readonly lost: number;
}

/** A room of the server, the plainest that can be right. */
class ExampleRoom {
  entries = new Map<string, Entry>();
  log: Change[] = [];
  position: Position;
  readonly name: string;
  readonly #recorder: Recorder | null;

  constructor(name: string, life: number, recorder: Recorder | null) {
    this.name = name;
    this.#recorder = recorder;
    this.position = { epoch: `${name}-${life}`, revision: 0, tag: life * 1_000_000 };
  }

  get sorted(): Entry[] {
    return [...this.entries.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  run(request: Request, by: string): Answer | ErrorCode {
    switch (request.kind) {
      case "get":
        return { kind: "entries", entries: [this.entries.get(request.key) ?? null], revision: null };
      case "read": {
        const entries = request.keys.map((key) => this.entries.get(key) ?? null);
        return { kind: "entries", entries, revision: this.position.revision };
      }
      case "list": {
        const { prefix, after, limit } = request;
        const all = this.sorted.filter(({ key }) => key.startsWith(prefix) && (after === null || key > after));
        return { kind: "page", entries: all.slice(0, limit), more: all.length > limit, position: this.position };
      }
      case "write":
        return this.#write(request, by);
      default:
        throw new Error(`The clients do not ask for a ${request.kind} here.`);
    }
  }

  #write({ puts, deletes, conditions }: WriteRequest, by: string): Answer | ErrorCode {
    const holds = conditions.every((condition) => {
      const entry = this.entries.get(condition.key);
      return "equals" in condition ? entry?.value === condition.equals : (entry?.revision ?? 0) === condition.revision;
    });
    if (!holds) return "conflict";
    const there = deletes.filter((key) => this.entries.has(key));
    if (puts.length + there.length === 0) return { kind: "committed", revision: null, version: null };
    const { epoch } = this.position;
    const [revision, tag] = [this.position.revision + 1, this.position.tag + 3];
    const at = 1_000 + revision;
    const entries = puts.map(({ key, value }) => {
      const version = (this.entries.get(key)?.version ?? 0) + 1;
      return { key, value, revision, version, updatedAt: at, updatedBy: by };
    });
    for (const entry of entries) this.entries.set(entry.key, entry);
    for (const key of there) this.entries.delete(key);
    const change = { revision, tag, at, by, puts: entries, deletes: there };
    this.log.push(change);
    this.position = { epoch, revision, tag };
    this.#recorder?.record({ kind: "committed", room: this.name, epoch, change });
    return { kind: "committed", revision, version: entries[0]?.version ?? null };
  }
}

interface Pending {
  readonly call: number;
  readonly room: string;
  readonly request: Request;
  readonly by: string;
  result: Answer | ErrorCode | null;
}

interface ExampleWatch {
  readonly number: number;
  readonly room: string;
  readonly filter: WatchFilter;
  readonly replica: Replica;
}

export class Example {
  readonly recorder = new Recorder();
  readonly #options: ExampleOptions;
  readonly #random: Random;
  readonly #rooms = new Map<string, ExampleRoom>();
  readonly #watches: ExampleWatch[] = [];
  readonly #pending = new Map<number, Pending>();
  /** Their clients have given up, but they may still arrive. */
  #onTheirWay: { readonly op: string; readonly write: Pending }[] = [];
  readonly #left: number[];
  #lives = 0;
  #values = 0;

  constructor(random: Random, options: ExampleOptions) {
    this.#options = options;
    this.#random = random;
    this.#left = Array.from({ length: options.clients }, () => options.calls);
    const names = Array.from({ length: options.rooms }, (_, i) => `room${i}`);
    if (options.isWitnessed) for (const room of names) this.recorder.record({ kind: "witnessed", room });
    for (let client = 0; client < options.clients; client++) this.recorder.roleIs(`user${client}`, "manager");
    this.#begin(names);
    for (let i = 0; i < options.watches; i++) this.#open(names[i % names.length] as string, i);
  }

  run(): History {
    while (this.#left.some((left) => left > 0) || this.#pending.size > 0) this.#step();
    for (const watch of this.#watches) while (this.#tell(watch));
    this.recorder.quiet();
    return this.recorder.history();
  }

  #step(): void {
    const random = this.#random;
    const client = random.int(this.#options.clients);
    const pending = this.#pending.get(client);
    if (pending === undefined) this.#invoke(client);
    else if (pending.result === null) this.#arrive(client, pending);
    else this.#answer(client, pending, pending.result);
    if (random.int(4) === 0 && this.#watches.length > 0) this.#tell(random.pick(this.#watches));
    if (random.int(10) === 0) this.#late();
    if (this.#options.restarts && random.int(400) === 0) this.#restart();
  }

  #invoke(client: number): void {
    const left = this.#left[client] ?? 0;
    if (left === 0) return;
    this.#left[client] = left - 1;
    const room = this.#random.pick([...this.#rooms.keys()]);
    const [request, by] = [this.#request(), `user${client}`];
    const call = this.recorder.invoked({ client: `client${client}`, user: by, room, request });
    this.#pending.set(client, { call, room, request, by, result: null });
  }

  #arrive(client: number, pending: Pending): void {
    const isLost = this.#random.int(100) < this.#options.lost;
    if (!isLost || pending.request.kind !== "write") pending.result = this.#run(pending);
    else this.#giveUp(client, pending);
  }

  #giveUp(client: number, pending: Pending): void {
    const { call, request } = pending;
    this.#pending.delete(client);
    if (request.kind !== "write") {
      this.recorder.record({ kind: "refused", call, code: "timeout" });
      return;
    }
    const op = `op:${call}`;
    this.recorder.record({ kind: "refused", call, code: "unknown_outcome", op });
    if (pending.result === null) this.#onTheirWay.push({ op, write: pending });
    else if (this.#random.int(2) === 0) this.#settle(op, pending, statusOf(pending.result));
  }

  /** Something that nobody waits for any more arrives, or never will. */
  #late(): void {
    const [late] = this.#onTheirWay.splice(this.#random.int(this.#onTheirWay.length), 1);
    if (late === undefined) return;
    const { op, write } = late;
    const chance = this.#random.int(4);
    if (chance < 2) write.result = this.#run(write);
    if (chance === 0 && write.result !== null) this.#settle(op, write, statusOf(write.result));
    if (chance === 2) this.#settle(op, write, { state: "never" });
  }

  #settle(op: string, { room, by }: Pending, status: Output<"status">): void {
    const call = this.recorder.invoked({ client: "settler", user: by, room, request: { kind: "status", op } });
    this.recorder.record({ kind: "answered", call, answer: { kind: "status", status } });
  }

  #answer(client: number, pending: Pending, result: Answer | ErrorCode): void {
    const { call } = pending;
    if (this.#random.int(100) < this.#options.lost) {
      this.#giveUp(client, pending);
      return;
    }
    this.#pending.delete(client);
    const end: HistoryEvent =
      typeof result === "string" ? { kind: "refused", call, code: result } : { kind: "answered", call, answer: result };
    this.recorder.record(end);
  }

  #run({ room, request, by }: Pending): Answer | ErrorCode {
    return this.#room(room).run(request, by);
  }

  #room(name: string): ExampleRoom {
    const room = this.#rooms.get(name);
    if (room === undefined) throw new Error(`There is no room ${name}.`);
    return room;
  }

  #begin(names: readonly string[]): void {
    this.#lives++;
    for (const name of names) {
      this.#rooms.set(name, new ExampleRoom(name, this.#lives, this.#options.isWitnessed ? this.recorder : null));
    }
  }

  #restart(): void {
    const done = this.recorder.restarting();
    this.#begin([...this.#rooms.keys()]);
    this.#onTheirWay = [];
    for (const [client, pending] of [...this.#pending]) {
      // What was not sent yet goes to the next server.
      if (pending.result === null && this.#random.int(3) === 0) continue;
      this.#pending.delete(client);
      const code = pending.request.kind === "write" ? "unknown_outcome" : "timeout";
      this.recorder.record({ kind: "refused", call: pending.call, code });
    }
    done();
    this.#onTheirWay = [];
  }

  #open(room: string, i: number): void {
    const filter = ([{}, { prefix: "a" }, { key: "b1" }] as const)[i % 3] ?? {};
    const number = this.recorder.opened({ client: `client${i}`, user: "user0", room, filter, from: null });
    this.#watches.push({ number, room, filter, replica: new Replica(room, null) });
  }

  /** @returns whether there was anything to tell */
  #tell(watch: ExampleWatch): boolean {
    const room = this.#room(watch.room);
    const stands = watch.replica.position;
    const asked = (key: string): boolean => covers(watch.filter, key);
    const snapshot = room.sorted.filter(({ key }) => asked(key));
    const { position } = room;
    if (stands === null) return this.#hand(watch, watch.replica.begin({ position, snapshot }));
    const lag = position.revision - stands.revision;
    if (stands.epoch === position.epoch && lag === 0) return false;
    if (stands.epoch !== position.epoch || (lag > 5 && this.#random.int(3) === 0)) {
      return this.#hand(watch, watch.replica.begin({ position, snapshot, gap: true }));
    }
    const until = stands.revision + 1 + this.#random.int(lag);
    const due = room.log.slice(stands.revision, until);
    const changes = due.map(({ puts, deletes, ...change }) => {
      return { ...change, puts: puts.filter(({ key }) => asked(key)), deletes: deletes.filter(asked) };
    });
    const news = changes.filter(({ puts, deletes }) => puts.length + deletes.length > 0);
    const last = due.at(-1) as Change;
    const upTo = { epoch: position.epoch, revision: last.revision, tag: last.tag };
    return this.#hand(watch, watch.replica.changed(upTo, news));
  }

  #hand({ number }: ExampleWatch, events: readonly WatchEvent[]): true {
    for (const event of events) this.recorder.record({ kind: "told", watch: number, event, by: "listener" });
    return true;
  }

  #request(): Request {
    const random = this.#random;
    const key = (): string => `${random.pick(["a", "b"])}${random.int(this.#options.keys)}`;
    const value = (): string => `v${++this.#values}`;
    const write = { kind: "write", puts: [], deletes: [], conditions: [] } as const;
    const [one, other] = [key(), key()];
    switch (random.int(10)) {
      case 0:
      case 1:
        return { kind: "get", key: one };
      case 2:
        return { kind: "list", prefix: random.pick(["", "a"]), after: null, limit: random.pick([3, 1000]) };
      case 3:
        return { ...write, deletes: [one] };
      case 4:
        return { ...write, puts: [{ key: one, value: value() }], deletes: one === other ? [] : [other] };
      case 5:
        return { ...write, puts: [{ key: one, value: value() }], conditions: [{ key: one, revision: random.int(3) }] };
      case 6:
        return { kind: "read", keys: [one, other] };
      default:
        return { ...write, puts: [{ key: one, value: value() }] };
    }
  }
}

function statusOf(result: Answer | ErrorCode): Output<"status"> {
  if (typeof result === "string") return { state: "refused", code: result };
  if (result.kind !== "committed") throw new Error("Only writes have an outcome.");
  return { state: "committed", revision: result.revision };
}
