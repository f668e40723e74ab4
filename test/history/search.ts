/**
 * The search of Wing and Gong for a sequential order, with the memory of Lowe and the pending list of Porcupine, and what
 * revisions allow: a commit whose revision is known has one place in its life, and only holes between those are guessed.
 */
import type { KnownCommit } from "./epoch.ts";
import { Foresight } from "./foresight.ts";
import type { RoomModel } from "./room-model.ts";
import { type CommitStep, type Hints, type RoomSteps, type Step, shownTo } from "./steps.ts";

/** Steps that may be tried; far beyond what any history needs in which something is right. */
const BUDGET = 100_000;

/** Behind everything that is not due at all. */
const NEVER = Number.MAX_VALUE;
const NOT_DUE = NEVER / 2;

export type Found =
  | { readonly kind: "order" }
  /** No order gets past this step; `revision` is the room's where most others had their place. */
  | { readonly kind: "none" | "gave up"; readonly step: Step; readonly revision: number };

interface Choice {
  readonly depth: number;
  readonly others: Step[];
}

export function search(room: RoomSteps): Found {
  return new Search(room).run();
}

class Search {
  readonly #steps: readonly Step[];
  readonly #model: RoomModel;
  readonly #next: number[];
  readonly #previous: number[];
  /** By life and revision: commits that have their place there and nowhere else. */
  readonly #placed = new Map<string, CommitStep[]>();
  /** By life and revision: what that commit must have put. */
  readonly #shown = new Map<string, { readonly key: string; readonly value: string }[]>();
  /** By key and value, at which revisions it was seen. */
  readonly #seenAt = new Map<string, Set<number>>();
  /** Keys and values that conditions name. */
  readonly #tested = new Set<string>();
  readonly #foresight: Foresight;
  readonly #hints: Hints;
  readonly #kinds = new Map<number, string>();
  readonly #numbers = new Map<Step, number>();
  readonly #done: { readonly step: number; readonly undo: () => void }[] = [];
  readonly #choices: Choice[] = [];
  readonly #tried = new Set<string>();
  #required: number;
  #budget = BUDGET;
  #furthest: { readonly depth: number; readonly step: Step; readonly revision: number } | null = null;

  constructor(room: RoomSteps) {
    this.#steps = room.steps;
    this.#model = room.base();
    this.#hints = room.hints;
    this.#foresight = new Foresight(room.steps);
    const count = room.steps.length;
    // A ring; its head is behind the last.
    this.#next = Array.from({ length: count + 1 }, (_, i) => (i === count ? 0 : i + 1));
    this.#previous = Array.from({ length: count + 1 }, (_, i) => (i === 0 ? count : i - 1));
    this.#required = room.steps.filter(({ to }) => to !== Infinity).length;
    for (const [number, step] of room.steps.entries()) {
      this.#numbers.set(step, number);
      if (step.kind === "commit") this.#noteConditions(step);
      if (step.kind !== "commit" || step.revision === null || step.firstLife !== step.lastLife) continue;
      add(this.#placed, `${step.firstLife} ${step.revision}`, step);
    }
    for (const { life, entry } of shownTo(room)) {
      add(this.#shown, `${life} ${entry.revision}`, entry);
      const seen = this.#seenAt.get(JSON.stringify([entry.key, entry.value])) ?? new Set();
      this.#seenAt.set(JSON.stringify([entry.key, entry.value]), seen.add(entry.revision));
    }
  }

  #noteConditions({ request: { conditions } }: CommitStep): void {
    for (const condition of conditions) {
      if ("equals" in condition) this.#tested.add(JSON.stringify([condition.key, condition.equals]));
    }
  }

  run(): Found {
    while (this.#budget-- > 0) {
      this.#takeChecks();
      if (this.#required === 0) return { kind: "order" };
      const [first, ...others] = this.#options();
      if (first !== undefined && (others.length === 0 || this.#isNew())) {
        if (others.length > 0) this.#choices.push({ depth: this.#done.length, others });
        this.#take(first);
      } else if (!this.#goBack()) {
        return this.#failed("none");
      }
    }
    return this.#failed("gave up");
  }

  #failed(kind: "none" | "gave up"): Found {
    if (this.#furthest === null) throw new Error("A search that ended before it began.");
    const { step, revision } = this.#furthest;
    return { kind, step, revision };
  }

  /** A check that holds now loses nothing by being taken now: it changes nothing. */
  #takeChecks(): void {
    for (;;) {
      const holding = this.#candidates().filter((step) => step.kind === "check" && step.holds(this.#model));
      if (holding.length === 0) return;
      for (const step of holding) this.#take(step);
    }
  }

  /** What may come next: nothing that began after the end of something that has no place yet. */
  #candidates(): Step[] {
    const candidates: Step[] = [];
    const head = this.#steps.length;
    let end = Infinity;
    for (let number = this.#next[head] as number; number !== head; number = this.#next[number] as number) {
      const step = this.#steps[number] as Step;
      if (step.from > end) break;
      candidates.push(step);
      end = Math.min(end, step.to);
    }
    return candidates.filter(({ from }) => from <= end);
  }

  /** The likeliest first. */
  #options(): Step[] {
    const candidates = this.#candidates();
    this.#noteProgress(candidates);
    const place = `${this.#model.life} ${this.#model.revision + 1}`;
    const placed = this.#placed.get(place)?.filter((step) => this.#isPending(step)) ?? [];
    if (placed.length > 0) return placed.filter((step) => candidates.includes(step) && this.#isPossible(step));
    const shown = this.#shown.get(place) ?? [];
    const possible = candidates.filter((step) => this.#isPossible(step));
    const known = possible.filter((step) => step.kind === "commit" && step.revision !== null);
    const losses = possible.filter(({ kind }) => kind === "loss");
    const open = possible.filter(
      (step) => step.kind === "commit" && step.revision === null && shown.every((entry) => puts(step, entry)),
    );
    return [...known, ...losses, ...this.#likeliest(open as CommitStep[], candidates)];
  }

  /** Of what nobody knows: what a watch was told, what is missing soonest, then the latest. */
  #likeliest(open: readonly CommitStep[], candidates: readonly Step[]): Step[] {
    const model = this.#model;
    const end = candidates.reduce((first, { to }) => Math.min(first, to), Infinity);
    const hint = this.#hints.at(model.life, model.revision + 1);
    const dueOf = (step: CommitStep): number => {
      if (hint !== undefined && looksLike(step, hint)) return 0;
      const isElsewhere = step.request.puts.some(({ key, value }) => this.#hints.knows(key, value));
      return isElsewhere ? NEVER : Math.min(NOT_DUE, this.#foresight.due(model, step));
    };
    const kinds = new Set<string>();
    const isFirst = (step: CommitStep): boolean => kinds.size < kinds.add(this.#kindOf(step)).size;
    return open
      .filter((step) => this.#foresight.allows(model, step, end))
      .map((step) => ({ step, due: dueOf(step) }))
      .sort((a, b) => (a.due === b.due ? b.step.from - a.step.from : a.due - b.due))
      .map(({ step }) => step)
      .filter(isFirst);
  }

  /** Writes of unknown outcome whose values nobody ever saw are as good as each other. */
  #kindOf(step: Step): string {
    const number = this.#numbers.get(step) as number;
    const known = this.#kinds.get(number);
    if (known !== undefined) return known;
    const kind = step.kind === "commit" && step.revision === null ? this.#unseenKind(step) : null;
    this.#kinds.set(number, kind ?? `${number}`);
    return kind ?? `${number}`;
  }

  #unseenKind({ request, lastLife }: CommitStep): string | null {
    const { puts, deletes, conditions } = request;
    if (puts.some(({ key, value }) => this.#isSeen(key, value))) return null;
    return JSON.stringify([puts.map(({ key }) => key), deletes, conditions, lastLife]);
  }

  #isSeen(key: string, value: string): boolean {
    const name = JSON.stringify([key, value]);
    return this.#seenAt.has(name) || this.#tested.has(name);
  }

  #isPossible(step: Step): boolean {
    const model = this.#model;
    if (model.life > step.lastLife) return false;
    if (step.kind === "loss") return true;
    if (step.kind === "check") return false;
    const { request, revision, version } = step;
    if (revision !== null && revision !== model.revision + 1) return false;
    if (version !== null && version !== model.nextVersion(request)) return false;
    if (revision === null && !this.#mayBeNext(step)) return false;
    return model.holds(request) && model.isEffective(request);
  }

  /** Its values were not seen at another revision. */
  #mayBeNext({ request }: CommitStep): boolean {
    return request.puts.every(({ key, value }) => {
      const seen = this.#seenAt.get(JSON.stringify([key, value]));
      return seen === undefined || seen.has(this.#model.revision + 1);
    });
  }

  #take(step: Step): void {
    const number = this.#numbers.get(step) as number;
    const undo = effectOf(step, this.#model);
    const [next, previous] = [this.#next[number] as number, this.#previous[number] as number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    if (step.to !== Infinity) this.#required--;
    this.#done.push({ step: number, undo });
  }

  #untake(): void {
    const last = this.#done.pop();
    if (last === undefined) return;
    const { step: number, undo } = last;
    undo();
    this.#next[this.#previous[number] as number] = number;
    this.#previous[this.#next[number] as number] = number;
    if (this.#steps[number]?.to !== Infinity) this.#required++;
  }

  /** To the last choice that has something else to offer. */
  #goBack(): boolean {
    for (;;) {
      const choice = this.#choices.at(-1);
      if (choice === undefined) return false;
      while (this.#done.length > choice.depth) this.#untake();
      const other = choice.others.shift();
      if (choice.others.length === 0) this.#choices.pop();
      if (other === undefined) continue;
      this.#take(other);
      return true;
    }
  }

  /** Whether these steps have not led to this room before. */
  #isNew(): boolean {
    const pending: string[] = [];
    const last = this.#done.reduce((highest, { step }) => Math.max(highest, step), -1);
    const head = this.#steps.length;
    for (let number = this.#next[head] as number; number < last; number = this.#next[number] as number) {
      pending.push(this.#kindOf(this.#steps[number] as Step));
    }
    const room = this.#model.describe((key, value) => this.#isSeen(key, value));
    const configuration = `${last}|${pending.sort().join()}|${room}`;
    if (this.#tried.has(configuration)) return false;
    this.#tried.add(configuration);
    return true;
  }

  #isPending(step: Step): boolean {
    const number = this.#numbers.get(step) as number;
    return this.#next[this.#previous[number] as number] === number;
  }

  #noteProgress(candidates: readonly Step[]): void {
    const depth = this.#done.length;
    if (this.#furthest !== null && this.#furthest.depth >= depth) return;
    const step = candidates.reduce((first, other) => (other.to < first.to ? other : first));
    this.#furthest = { depth, step, revision: this.#model.revision };
  }
}

function effectOf(step: Step, model: RoomModel): () => void {
  switch (step.kind) {
    case "check":
      return () => undefined;
    case "commit":
      return model.commit(step.request, step.by);
    case "loss":
      return model.lose();
  }
}

function puts({ request }: CommitStep, { key, value }: { readonly key: string; readonly value: string }): boolean {
  return request.puts.some((put) => put.key === key && put.value === value);
}

function looksLike({ request, by }: CommitStep, commit: KnownCommit): boolean {
  const shown = [...commit.puts].every(([key, { value }]) =>
    request.puts.some((put) => put.key === key && put.value === value),
  );
  const isLarger = commit.isWhole && request.puts.length > commit.puts.size;
  return commit.by === by && shown && !isLarger && [...commit.deletes].every((key) => request.deletes.includes(key));
}

function add<T>(lists: Map<string, T[]>, at: string, item: T): void {
  const list = lists.get(at);
  if (list === undefined) lists.set(at, [item]);
  else list.push(item);
}
