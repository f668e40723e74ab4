import type { Engine, Follower, Operation, Outcome } from "../../server/engine/port.ts";
import { EngineAround } from "../support/engine-around.ts";
import type { Tally } from "./tally.ts";

/** Counts what reaches the engine, and knows which rooms have changes that were not said yet. */
export class ObservedEngine extends EngineAround {
  readonly #tally: Tally;
  readonly #endOfTurn: (run: () => void) => void;
  readonly #ran = new Set<string>();
  readonly #unsaid = new Set<string>();

  constructor(engine: Engine, tally: Tally, endOfTurn: (run: () => void) => void) {
    super(engine);
    this.#tally = tally;
    this.#endOfTurn = endOfTurn;
  }

  /** Whether something was committed to the room in this turn. */
  hasUnsaid(room: string): boolean {
    return this.#unsaid.has(room);
  }

  override run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    for (const operation of batch) this.#note(room, operation);
    return super.run(room, batch);
  }

  override follow(room: string, follower: Follower): () => void {
    return super.follow(room, {
      committed: (change, position) => {
        if (this.#unsaid.size === 0) this.#endOfTurn(() => this.#unsaid.clear());
        this.#unsaid.add(room);
        follower.committed(change, position);
      },
      deleted: () => follower.deleted(),
    });
  }

  #note(room: string, operation: Operation): void {
    if ((operation.kind !== "commit" && operation.kind !== "transact") || operation.id === undefined) return;
    const id = `${room} ${operation.id.client}:${operation.id.counter}`;
    if (this.#ran.has(id)) this.#tally.count("repeats answered from the window");
    this.#ran.add(id);
  }
}
