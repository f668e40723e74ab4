import { setImmediate } from "node:timers/promises";
import type { Engine, Operation, Outcome } from "../../server/engine/port.ts";
import { EngineAround } from "./engine-around.ts";
import type { Random } from "./random.ts";

const MOST_TURNS = 4;

/**
 * The same engine as if it were far away: each call is applied after some turns of the event loop and answered
 * after some more. One room's calls are applied in their order; answers overtake each other as they like. Followers are
 * told at once: the port promises the log's order, and one that is early sees every race.
 */
export function delayedEngine(engine: Engine, random: Random): Engine {
  return new DelayedEngine(engine, random);
}

class DelayedEngine extends EngineAround {
  readonly #random: Random;
  /** What was last asked of each room. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(engine: Engine, random: Random) {
    super(engine);
    this.#random = random;
  }

  override run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    return this.#inOrder(room, () => super.run(room, batch));
  }

  override async keyCounts(rooms: readonly string[]): Promise<readonly number[]> {
    await this.#turns();
    const counts = await super.keyCounts(rooms);
    await this.#turns();
    return counts;
  }

  override deleteRoom(room: string): Promise<void> {
    return this.#inOrder(room, () => super.deleteRoom(room));
  }

  override async settle(client: string, upTo: number): Promise<void> {
    await this.#turns();
    await super.settle(client, upTo);
    await this.#turns();
  }

  override async forgetClient(client: string): Promise<void> {
    await this.#turns();
    await super.forgetClient(client);
    await this.#turns();
  }

  override async revokeLocks(owner: string, but?: string): Promise<void> {
    await this.#turns();
    await super.revokeLocks(owner, but);
    await this.#turns();
  }

  async #inOrder<T>(room: string, apply: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(room);
    // Settled, not fulfilled: a call that failed must not hold back those behind it.
    const applied = Promise.allSettled([before, this.#turns()]).then(apply);
    this.#tails.set(room, applied);
    const answer = await applied;
    await this.#turns();
    return answer;
  }

  async #turns(): Promise<void> {
    for (let turns = this.#random.int(MOST_TURNS); turns > 0; turns--) await setImmediate();
  }
}
