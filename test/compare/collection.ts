import type { DoorId } from "./doors.ts";
import type { Count, Crowd, Memory, Notice, NoticeKind, Results, SetUp, Together, Work, WorkKind } from "./results.ts";

type Grown<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/** Gathers the figures of all rounds. */
export class Collection {
  readonly #work = new Map<string, WorkKind & { readonly rounds: Work[] }>();
  readonly #crowds = new Map<string, Grown<Crowd>>();
  readonly #setUps = new Map<DoorId, { readonly door: DoorId; readonly rounds: SetUp[] }>();
  readonly #memory = new Map<DoorId, { readonly door: DoorId; readonly rounds: Memory[] }>();
  readonly #notices = new Map<string, NoticeKind & { readonly rounds: Notice[] }>();
  readonly #together = new Map<DoorId, Grown<Together>>();
  readonly #counts = new Map<string, Grown<Count>>();
  #names = { times: 0, oneWinner: 0 };
  readonly #failures = new Set<string>();

  work(kind: WorkKind, figures: Work): void {
    const key = [kind.door, kind.role, kind.clients, kind.operation, kind.size].join();
    had(this.#work, key, () => ({ ...kind, rounds: [] })).rounds.push(figures);
  }

  crowd({ door, clients }: { readonly door: DoorId; readonly clients: number }, perSecond: number): void {
    had(this.#crowds, `${door},${clients}`, () => ({ door, clients, perSecond: [] })).perSecond.push(perSecond);
  }

  setUp(door: DoorId, figures: SetUp): void {
    had(this.#setUps, door, () => ({ door, rounds: [] })).rounds.push(figures);
  }

  memory(door: DoorId, figures: Memory): void {
    had(this.#memory, door, () => ({ door, rounds: [] })).rounds.push(figures);
  }

  notice(kind: NoticeKind, figures: Notice): void {
    had(this.#notices, `${kind.door},${kind.everyMs}`, () => ({ ...kind, rounds: [] })).rounds.push(figures);
  }

  together(door: DoorId, { perSecond, serverMicros }: Work): void {
    const all = had(this.#together, door, () => ({ door, perSecond: [], serverMicros: [] }));
    all.perSecond.push(perSecond);
    all.serverMicros.push(serverMicros);
  }

  count(way: string, expected: number, figures: { readonly lost: number; readonly stepMs: number }): void {
    const all = had(this.#counts, way, () => ({ way, expected, lost: [], stepMs: [] }));
    all.lost.push(figures.lost);
    all.stepMs.push(figures.stepMs);
  }

  names(times: number, oneWinner: number): void {
    this.#names = { times, oneWinner };
  }

  failed(what: string, error: unknown): void {
    this.#failures.add(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  get figures(): Omit<Results, "form" | "rounds" | "clients" | "observers" | "memoryConnections" | "ports"> {
    return {
      work: [...this.#work.values()],
      crowds: [...this.#crowds.values()],
      setUps: [...this.#setUps.values()],
      memory: [...this.#memory.values()],
      notices: [...this.#notices.values()],
      together: [...this.#together.values()],
      counts: [...this.#counts.values()],
      names: this.#names,
      failures: [...this.#failures],
    };
  }
}

function had<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
