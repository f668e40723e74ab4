/**
 * What later answers say of a key: enough to see at once that a write of unknown outcome cannot come here, where the
 * search alone would find out much later. Whatever it rules out is impossible; it need not rule out everything.
 */
import type { Entry } from "../../protocol/fields.ts";
import type { RoomModel } from "./room-model.ts";
import type { CommitStep, Step } from "./steps.ts";

interface KeyFuture {
  /** Revisions at which the key was put, with the version that it had then. */
  readonly versions: Map<number, number>;
  /** Reads that show the key: when they began, and which revision they show; 0 where there is no such key. */
  readonly reads: { readonly from: number; readonly revision: number }[];
  /** Revisions at which it may be deleted, or put with a version that nobody told; Infinity where at any. */
  readonly deletes: number[];
  readonly puts: number[];
}

export class Foresight {
  readonly #keys = new Map<string, KeyFuture>();
  readonly #lives: number;

  constructor(steps: readonly Step[]) {
    this.#lives = steps.filter(({ kind }) => kind === "loss").length + 1;
    for (const step of steps) {
      if (step.kind === "check" && step.firstLife === step.lastLife) this.#noteRead(step);
      if (step.kind === "commit") this.#noteCommit(step);
    }
  }

  /**
   * Whether the write may be the room's next commit.
   * @param end the place in the history before which it would be
   */
  allows(model: RoomModel, { request }: CommitStep, end: number): boolean {
    const isDelete = (key: string): boolean => model.get(key) !== undefined;
    return (
      request.puts.every(({ key }) => this.#allows(model, key, false, end)) &&
      request.deletes.every((key) => !isDelete(key) || this.#allows(model, key, true, end))
    );
  }

  /** The revision by which something like it must have come; Infinity where it is not needed. */
  due(model: RoomModel, { request }: CommitStep): number {
    const put = request.puts.map(({ key }) => this.#due(model, key, false));
    const deleted = request.deletes.map((key) => this.#due(model, key, true));
    return Math.min(Infinity, ...put, ...deleted);
  }

  #allows(model: RoomModel, key: string, isDelete: boolean, end: number): boolean {
    const future = this.#keys.get(nameOf(model.life, key));
    if (future === undefined) return true;
    const revision = model.revision + 1;
    const later = future.reads.filter(({ from }) => from > end);
    if (later.some((read) => read.revision > 0 && read.revision < revision)) return false;
    const mayGo = (before: number): boolean =>
      future.deletes.some((at) => at === Infinity || (at > revision && at < before));
    if (!isDelete && later.some((read) => read.revision === 0) && !mayGo(Infinity)) return false;
    const next = nextOf(future, revision);
    if (next === null) return true;
    if (isDelete) return next.version === 1 || future.puts.some((at) => at === Infinity || at < next.revision);
    return mayGo(next.revision) || versionOf(model, key) + 1 < next.version;
  }

  #due(model: RoomModel, key: string, isDelete: boolean): number {
    const future = this.#keys.get(nameOf(model.life, key));
    const next = future === undefined ? null : nextOf(future, model.revision);
    if (next === null) return Infinity;
    const version = versionOf(model, key);
    const isDue = isDelete ? next.version <= version : next.version > version + 1;
    return isDue ? next.revision : Infinity;
  }

  #noteRead({ call, firstLife, from }: Step & { readonly kind: "check" }): void {
    const { answer } = call;
    if (answer?.kind !== "entries" && answer?.kind !== "page") return;
    const { request } = call.call;
    const keys = request.kind === "get" ? [request.key] : request.kind === "read" ? request.keys : [];
    for (const [i, entry] of answer.entries.entries()) {
      const key = entry?.key ?? keys[i];
      if (key === undefined) continue;
      const future = this.#future(firstLife, key);
      future.reads.push({ from, revision: entry?.revision ?? 0 });
      if (entry !== null) future.versions.set(entry.revision, entry.version);
    }
  }

  #noteCommit({ request, revision, version, firstLife, lastLife }: CommitStep): void {
    const isPlaced = revision !== null && firstLife === lastLife;
    for (let life = firstLife; life <= Math.min(lastLife, this.#lives); life++) {
      for (const key of request.deletes) this.#future(life, key).deletes.push(isPlaced ? revision : Infinity);
      for (const [i, { key }] of request.puts.entries()) {
        const future = this.#future(life, key);
        if (isPlaced && i === 0 && version !== null) future.versions.set(revision, version);
        else future.puts.push(isPlaced ? revision : Infinity);
      }
    }
  }

  #future(life: number, key: string): KeyFuture {
    const name = nameOf(life, key);
    const future = this.#keys.get(name) ?? { versions: new Map(), reads: [], deletes: [], puts: [] };
    this.#keys.set(name, future);
    return future;
  }
}

function nameOf(life: number, key: string): string {
  return `${life} ${key}`;
}

function versionOf(model: RoomModel, key: string): number {
  return model.get(key)?.version ?? 0;
}

/** The first version that is known behind a revision. */
function nextOf({ versions }: KeyFuture, revision: number): Pick<Entry, "revision" | "version"> | null {
  let first = Infinity;
  for (const known of versions.keys()) if (known > revision) first = Math.min(first, known);
  const version = versions.get(first);
  return version === undefined ? null : { revision: first, version };
}
