import type { Watching } from "../notices/watching.ts";
import type { Room, Store } from "../sdk/index.ts";

/**
 * The room worked in. An action keeps the one it began in: whoever is demoted meanwhile is refused there, while his own
 * room, to which he is sent back, may have the same key.
 */
export class Workroom {
  /** Whose it is, or null for one's own. */
  readonly others: string | null;
  readonly name: string;
  readonly keys: Room;
  readonly #watching: Watching;

  constructor(store: Store, watching: Watching, others: string | null) {
    this.others = others;
    this.name = others ?? store.session.room;
    this.keys = others === null ? store : store.room(others);
    this.#watching = watching;
  }

  /** A write of which the user is told by its answer. */
  write<T extends { readonly revision: number | null }>(run: (keys: Room) => Promise<T>): Promise<T> {
    return this.#watching.write(this.name, () => run(this.keys));
  }
}
