import type { Clock } from "../../server/domain/clock.ts";
import type { Engine, Operation, Outcome } from "../../server/engine/port.ts";
import { EngineAround } from "../support/engine-around.ts";
import type { Delay } from "./line.ts";

/**
 * The same engine as if it were on another machine: calls for one room are applied in their order and late, and answered
 * later still; answers of different rooms overtake each other. Followers hear of a commit before its answer comes.
 */
export class FarEngine extends EngineAround {
  readonly #clock: Clock;
  readonly #delay: Delay;
  /** What was last asked of each room. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(engine: Engine, clock: Clock, delay: Delay) {
    super(engine);
    this.#clock = clock;
    this.#delay = delay;
  }

  override run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    return this.#inOrder(room, () => super.run(room, batch));
  }

  override deleteRoom(room: string): Promise<void> {
    return this.#inOrder(room, () => super.deleteRoom(room));
  }

  async #inOrder<T>(room: string, apply: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(room);
    const applied = Promise.all([before, this.#travel()]).then(apply);
    this.#tails.set(room, applied);
    const answer = await applied;
    await this.#travel();
    return answer;
  }

  #travel(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#delay(), resolve));
  }
}
