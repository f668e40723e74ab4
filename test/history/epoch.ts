import type { Entry } from "../../protocol/fields.ts";
import type { Change } from "../../server/engine/port.ts";
import type { Write } from "./writes.ts";

/** What a commit put: with all fields where they were seen. */
export interface Put {
  readonly value: string;
  readonly entry: Entry | null;
}

/** What is known of one commit. */
export interface KnownCommit {
  readonly revision: number;
  tag: number | null;
  /** Ms since 1970. */
  time: number | null;
  by: string | null;
  readonly puts: Map<string, Put>;
  readonly deletes: Set<string>;
  /** It did nothing else. */
  isWhole: boolean;
  /** The place in the history before which it cannot have happened, or 0; and a place that shows it. */
  notBefore: number;
  readonly shownAt: number;
}

/** The commits of one life of a room. What was seen first counts; `conflicts` are those who say otherwise. */
export class Epoch {
  readonly name: string;
  readonly commits = new Map<number, KnownCommit>();
  readonly conflicts: { readonly what: string; readonly at: readonly number[] }[] = [];
  #start: { readonly revision: number; readonly entries: readonly Entry[] } = { revision: 0, entries: [] };
  readonly #states = new Map<number, ReadonlyMap<string, Put & { readonly revision: number }> | null>();

  begin({ revision }: { readonly revision: number }, entries: readonly Entry[]): void {
    this.#start = { revision, entries };
  }

  constructor(name: string) {
    this.name = name;
  }

  /** The revision with which the history begins. */
  get start(): number {
    return this.#start.revision;
  }

  witnessed(change: Change, at: number): void {
    this.saw(change, true, at);
    this.#commit(change.revision, at).notBefore = at;
  }

  /** @param isWhole whether all of the change was seen, and not only some keys of it */
  saw(change: Change, isWhole: boolean, at: number): void {
    const { revision, tag, by, puts, deletes } = change;
    const commit = this.#commit(revision, at);
    this.#agree(commit, "tag", tag, at);
    this.#agree(commit, "by", by, at);
    this.#agree(commit, "time", change.at, at);
    for (const entry of puts) this.sawEntry({ ...entry, revision }, at);
    for (const key of deletes) commit.deletes.add(key);
    commit.isWhole ||= isWhole;
  }

  sawEntry(entry: Entry, at: number): void {
    const { revision, key, value } = entry;
    const commit = this.#commit(revision, at);
    const known = commit.puts.get(key);
    if (known === undefined || (known.entry === null && known.value === value)) {
      commit.puts.set(key, { value, entry });
    } else if (!isSame(known, entry)) this.#object(commit, `has ${JSON.stringify(entry)}`, at);
    this.#agree(commit, "by", entry.updatedBy, at);
    this.#agree(commit, "time", entry.updatedAt, at);
  }

  answered({ request, fate, user, from, to }: Write): void {
    if (fate.kind !== "committed" || fate.revision === null) return;
    const isNew = !this.commits.has(fate.revision);
    const commit = this.#commit(fate.revision, to);
    commit.notBefore = Math.max(commit.notBefore, from);
    this.#agree(commit, "by", user, to);
    // Else it is another commit, and not another half of this one.
    const isOurs = !commit.isWhole || request.puts.some(({ key }) => commit.puts.has(key));
    for (const { key, value } of request.puts) {
      const known = commit.puts.get(key);
      if (known === undefined && isOurs) commit.puts.set(key, { value, entry: null });
      else if (known?.value !== value) this.#object(commit, `puts ${JSON.stringify([key, value])}`, to);
    }
    // Of several keys, some may not have been there.
    const [first, second] = request.deletes;
    const isCertain = first === undefined || (second === undefined && request.puts.length === 0);
    if (first !== undefined && isCertain && isNew) commit.deletes.add(first);
    commit.isWhole ||= isCertain;
  }

  /** Whether a commit was seen that looks like this write's. */
  showsResult({ fate, request }: Write): boolean {
    if (fate.kind !== "committed" || fate.revision === null || request.puts.length === 0) return false;
    const commit = this.commits.get(fate.revision);
    return request.puts.every(({ key, value }) => commit?.puts.get(key)?.value === value);
  }

  /** The room behind this commit; null where not all before it is known. */
  stateAt(revision: number): ReadonlyMap<string, Put & { readonly revision: number }> | null {
    const known = this.#states.get(revision);
    if (known !== undefined) return known;
    const state = this.#compute(revision);
    this.#states.set(revision, state);
    return state;
  }

  #compute(revision: number): ReadonlyMap<string, Put & { readonly revision: number }> | null {
    const start = this.#start;
    if (revision < start.revision) return null;
    const state = new Map(
      start.entries.map((entry) => [entry.key, { value: entry.value, entry, revision: entry.revision }]),
    );
    const cells: Map<string, Put & { readonly revision: number }> = state;
    for (let next = start.revision + 1; next <= revision; next++) {
      const commit = this.commits.get(next);
      if (commit?.isWhole !== true) return null;
      for (const key of commit.deletes) cells.delete(key);
      for (const [key, put] of commit.puts) cells.set(key, { ...put, revision: next });
    }
    return cells;
  }

  #commit(revision: number, at: number): KnownCommit {
    const known = this.commits.get(revision);
    if (known !== undefined) return known;
    const unknown = { tag: null, time: null, by: null, isWhole: false, notBefore: 0 };
    const commit: KnownCommit = { revision, ...unknown, puts: new Map(), deletes: new Set(), shownAt: at };
    this.commits.set(revision, commit);
    return commit;
  }

  #agree<F extends "tag" | "by" | "time">(
    commit: KnownCommit,
    field: F,
    value: NonNullable<KnownCommit[F]>,
    at: number,
  ): void {
    if (commit[field] === null) commit[field] = value;
    else if (commit[field] !== value) this.#object(commit, `has the ${field} ${JSON.stringify(value)}`, at);
  }

  #object({ revision, shownAt }: KnownCommit, what: string, at: number): void {
    this.conflicts.push({ what: `revision ${revision} ${what}, and was seen otherwise before`, at: [shownAt, at] });
  }
}

function isSame({ value, entry }: Put, other: Entry): boolean {
  if (entry === null) return value === other.value;
  return (["value", "revision", "version", "updatedAt", "updatedBy"] as const).every(
    (field) => entry[field] === other[field],
  );
}
