import { expect } from "@jest/globals";
import type { Entry, KeyChange, Position } from "../../protocol/fields.ts";
import type { Change, Commit, Condition, Engine, Outcome, Step, Transaction } from "../../server/engine/port.ts";

type ModelEntry = Pick<Entry, "key" | "value" | "revision" | "version" | "updatedBy">;

type ModelChange = Omit<KeyChange, "at">;

/** A place in the log that the engine named, and what the room held there. */
interface Landmark {
  readonly position: Position;
  readonly entries: ReadonlyMap<string, ModelEntry>;
}

/** What a room should be: a plain Map and a counter. */
export class RoomModel {
  readonly entries = new Map<string, ModelEntry>();
  revision = 0;
  /** What became of each key in this life of the room, newest first. */
  readonly past = new Map<string, ModelChange[]>();
  /** Of this life of the room. */
  landmarks: Landmark[] = [];
  /** Of lives that have ended. */
  lost: Position[] = [];
  /** Writes that had an operation id, and their answers. */
  readonly answered: { readonly asked: Commit | Transaction; readonly outcome: Outcome }[] = [];

  /** What the engine should answer; messages are its own affair. */
  commit({ by, puts, deletes, conditions }: Commit) {
    for (const [condition, asked] of conditions.entries()) {
      if (this.#holds(asked)) continue;
      const { revision = 0, version = 0 } = this.entries.get(asked.key) ?? {};
      return { kind: "refused", code: "conflict", conflict: { condition, revision, version } } as const;
    }
    const present = deletes.filter((key) => this.entries.has(key));
    if (puts.length === 0 && present.length === 0) return { kind: "committed", revision: null, version: 0 } as const;
    const revision = ++this.revision;
    for (const { key, value } of puts) {
      const version = (this.entries.get(key)?.version ?? 0) + 1;
      this.entries.set(key, { key, value, revision, version, updatedBy: by });
      this.#remember(key, { revision, by, value });
    }
    for (const key of present) {
      this.entries.delete(key);
      this.#remember(key, { revision, by, value: null });
    }
    const version = this.entries.get(puts[0]?.key ?? "")?.version ?? 0;
    return { kind: "committed", revision, version } as const;
  }

  /** Step by step, as it is described; the engine does it at once. */
  transact({ by, conditions, steps, otherwise }: Transaction) {
    const succeeded = conditions.every((condition) => this.#holds(condition));
    const chosen = succeeded ? steps : otherwise;
    const isChange = chosen.some(({ kind, key }) => kind === "put" || (kind === "delete" && this.entries.has(key)));
    const revision = isChange ? ++this.revision : null;
    const results = chosen.map((step) => this.#step(step, by));
    return { kind: "transacted", succeeded, revision, results } as const;
  }

  #step(step: Step, by: string) {
    const { kind, key } = step;
    const entry = this.entries.get(key);
    if (kind === "get") {
      return { kind: "got", entry: entry === undefined ? null : { ...entry, updatedAt: expect.any(Number) } } as const;
    }
    const { revision } = this;
    if (kind === "put") {
      const version = (entry?.version ?? 0) + 1;
      this.entries.set(key, { key, value: step.value, revision, version, updatedBy: by });
      this.#remember(key, { revision, by, value: step.value });
      return { kind, version } as const;
    }
    if (this.entries.delete(key)) this.#remember(key, { revision, by, value: null });
    return { kind: "deleted", existed: entry !== undefined } as const;
  }

  #holds(condition: Condition): boolean {
    const entry = this.entries.get(condition.key);
    return "equals" in condition ? entry?.value === condition.equals : (entry?.revision ?? 0) === condition.revision;
  }

  list(prefix: string, after: string | undefined, limit: number): { entries: ModelEntry[]; more: boolean } {
    const bytes = (text: string) => Buffer.from(text);
    const matching = [...this.entries.values()]
      .filter(({ key }) => bytes(key).subarray(0, bytes(prefix).length).equals(bytes(prefix)))
      .filter(({ key }) => after === undefined || Buffer.compare(bytes(key), bytes(after)) > 0)
      .sort((a, b) => Buffer.compare(bytes(a.key), bytes(b.key)));
    return { entries: matching.slice(0, limit), more: matching.length > limit };
  }

  /** Remembers where the room stands. */
  mark(position: Position): void {
    this.landmarks.push({ position, entries: new Map(this.entries) });
  }

  clear(): void {
    this.entries.clear();
    this.past.clear();
    this.revision = 0;
    this.lost = this.landmarks.map(({ position }) => position);
    this.landmarks = [];
  }

  #remember(key: string, change: ModelChange): void {
    this.past.set(key, [change, ...(this.past.get(key) ?? [])]);
  }
}

/** The real room under test. */
export interface RealRoom {
  readonly engine: Engine;
  readonly name: string;
}

export function expectEntry(actual: Entry | null | undefined, expected: ModelEntry | undefined): void {
  if (expected === undefined) expect(actual).toBeNull();
  else expect(actual).toEqual({ ...expected, updatedAt: expect.any(Number) });
}

/** The entries that changes lead to, from what was there before them. */
export function fold(start: Landmark["entries"], changes: readonly Change[]): Map<string, ModelEntry> {
  const entries = new Map(start);
  for (const { puts, deletes } of changes) {
    for (const key of deletes) entries.delete(key);
    for (const { updatedAt: _, ...entry } of puts) entries.set(entry.key, entry);
  }
  return entries;
}
