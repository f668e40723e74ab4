import type { Engine, Follower, LockNews, Operation, Outcome } from "../../server/engine/port.ts";

/** An engine around another; whoever extends it says what is different. */
export class EngineAround implements Engine {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get durability(): Engine["durability"] {
    return this.#engine.durability;
  }

  run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    return this.#engine.run(room, batch);
  }

  keyCounts(rooms: readonly string[]): Promise<readonly number[]> {
    return this.#engine.keyCounts(rooms);
  }

  deleteRoom(room: string): Promise<void> {
    return this.#engine.deleteRoom(room);
  }

  follow(room: string, follower: Follower): () => void {
    return this.#engine.follow(room, follower);
  }

  settle(client: string, upTo: number): Promise<void> {
    return this.#engine.settle(client, upTo);
  }

  forgetClient(client: string): Promise<void> {
    return this.#engine.forgetClient(client);
  }

  revokeLocks(owner: string, but?: string): Promise<void> {
    return this.#engine.revokeLocks(owner, but);
  }

  onLocks(listener: (news: LockNews) => void): () => void {
    return this.#engine.onLocks(listener);
  }

  close(): void {
    this.#engine.close();
  }
}
