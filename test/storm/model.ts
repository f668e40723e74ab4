/** What the storm's clients know together: who is in a section of which key, and how often each key was counted up. */
import { KeyroomError } from "../../client/sdk/index.ts";

export type Mode = "shared" | "exclusive";

export class StormModel {
  readonly faults: string[] = [];
  readonly tally = { circles: 0, conflicts: 0 };
  readonly #counts: Map<string, number>;
  readonly #inside = new Map<string, Mode[]>();
  #sections = 0;
  #together = 0;

  constructor(keys: readonly string[]) {
    this.#counts = new Map(keys.map((key) => [key, 0]));
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  /** To be called behind the grant; what is returned, before the unlock. */
  enter(keys: readonly string[], mode: Mode): () => void {
    this.#sections++;
    for (const key of keys) {
      const inside = this.#inside.get(key) ?? [];
      if (inside.length > 0) this.#together++;
      if (inside.length > 0 && (mode === "exclusive" || inside[0] === "exclusive")) {
        this.fault(`${key} is held ${mode} beside ${inside.join(", ")}`);
      }
      this.#inside.set(key, [...inside, mode]);
    }
    return () => {
      for (const key of keys) this.#inside.set(key, (this.#inside.get(key) ?? []).slice(1));
    };
  }

  counted(keys: readonly string[]): void {
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  expectCode(error: unknown, code: string): void {
    if (error instanceof KeyroomError && error.code === code) return;
    this.fault(`not ${code} but ${error instanceof KeyroomError ? `${error.code}: ${error.message}` : String(error)}`);
  }

  expectSame(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
    for (const [key, count] of after) {
      if (before.get(key) !== count) this.fault(`${key} went from ${before.get(key)} to ${count} while it was shared`);
    }
  }

  expectCounts(found: ReadonlyMap<string, number>): void {
    for (const [key, count] of this.#counts) {
      if ((found.get(key) ?? 0) !== count) this.fault(`${key} was counted up ${count} times and is ${found.get(key)}`);
    }
  }

  summary(): string {
    const counted = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const { circles, conflicts } = this.tally;
    return `${this.#sections} sections, ${this.#together} shared, ${counted} counted, ${circles} circles, ${conflicts} conflicts, ${this.faults.length} faults`;
  }
}
