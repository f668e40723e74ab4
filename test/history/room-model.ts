import type { Entry } from "../../protocol/fields.ts";
import type { Answer, Request, WriteRequest } from "./history.ts";

/** An entry, as far as a model without a clock can know it. */
export type Cell = Pick<Entry, "value" | "revision" | "version" | "updatedBy">;

/** The sequential specification of a room: keys with counters. What is applied can be undone, last first. */
export class RoomModel {
  /** Rises with each commit. */
  revision: number;
  /** Losses up to now. */
  life = 0;
  #cells: Map<string, Cell>;

  constructor(revision = 0, entries: readonly Entry[] = []) {
    this.revision = revision;
    this.#cells = new Map(entries.map((entry) => [entry.key, entry]));
  }

  get(key: string): Cell | undefined {
    return this.#cells.get(key);
  }

  /** @returns what undoes it */
  lose(): () => void {
    const { revision, life } = this;
    const cells = this.#cells;
    this.revision = 0;
    this.life++;
    this.#cells = new Map();
    return () => {
      this.revision = revision;
      this.life = life;
      this.#cells = cells;
    };
  }

  holds({ conditions }: WriteRequest): boolean {
    return conditions.every((condition) => {
      const cell = this.#cells.get(condition.key);
      return "equals" in condition ? cell?.value === condition.equals : (cell?.revision ?? 0) === condition.revision;
    });
  }

  /** Whether it would change anything. */
  isEffective({ puts, deletes }: WriteRequest): boolean {
    return puts.length > 0 || deletes.some((key) => this.#cells.has(key));
  }

  /** Of the first put, as the write's answer tells it; 0 without one. */
  nextVersion({ puts: [first] }: WriteRequest): number {
    return first === undefined ? 0 : (this.#cells.get(first.key)?.version ?? 0) + 1;
  }

  /** @returns what undoes it */
  commit({ puts, deletes }: WriteRequest, updatedBy: string): () => void {
    const before = [...puts.map(({ key }) => key), ...deletes].map((key) => [key, this.#cells.get(key)] as const);
    const revision = ++this.revision;
    for (const { key, value } of puts) {
      const version = (this.#cells.get(key)?.version ?? 0) + 1;
      this.#cells.set(key, { value, revision, version, updatedBy });
    }
    for (const key of deletes) this.#cells.delete(key);
    return () => {
      this.revision--;
      for (const [key, cell] of before) {
        if (cell === undefined) this.#cells.delete(key);
        else this.#cells.set(key, cell);
      }
    };
  }

  /** Whether a read of the room as it is now can be answered like this. */
  allows(request: Request, answer: Answer): boolean {
    if (answer.kind === "entries") {
      const keys = request.kind === "get" ? [request.key] : request.kind === "read" ? request.keys : [];
      if (answer.revision !== null && answer.revision !== this.revision) return false;
      return (
        keys.length === answer.entries.length && answer.entries.every((entry, i) => this.#is(keys[i] ?? "", entry))
      );
    }
    if (answer.kind !== "page" || request.kind !== "list") return false;
    const { entries, more, position } = answer;
    if (position.revision !== this.revision || entries.length > request.limit) return false;
    const keys = this.#keys(request.prefix, request.after);
    if (more !== entries.length < keys.length) return false;
    return entries.every((entry, i) => entry.key === keys[i] && this.#is(entry.key, entry));
  }

  /** Equal for rooms in which whatever comes next goes the same. @param isSeen whether the value matters */
  describe(isSeen: (key: string, value: string) => boolean): string {
    const cells = [...this.#cells].map(([key, { value, revision, version }]) => {
      return JSON.stringify([key, revision, version, isSeen(key, value) ? value : null]);
    });
    return `${this.life} ${this.revision} ${cells.sort().join()}`;
  }

  #is(key: string, entry: Entry | null): boolean {
    const cell = this.#cells.get(key);
    if (entry === null || cell === undefined) return entry === null && cell === undefined;
    return (
      entry.key === key &&
      entry.value === cell.value &&
      entry.revision === cell.revision &&
      entry.version === cell.version &&
      entry.updatedBy === cell.updatedBy
    );
  }

  #keys(prefix: string, after: string | null): string[] {
    const keys = [...this.#cells.keys()].filter((key) => key.startsWith(prefix));
    const sorted = keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return after === null ? sorted : sorted.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  }
}
