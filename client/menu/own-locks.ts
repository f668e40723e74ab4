import { KeyroomError, type LockList, type LockOptions, type Room, type Store } from "../sdk/index.ts";
import type { Workroom } from "./workroom.ts";

export interface OwnLocksListener {
  /** Locks were lost that nobody gave up, and why: the end of a sentence. */
  lost(room: string, keys: readonly string[], why: string): void;
  /** How many are held is another number. */
  changed(): void;
}

const FORGOTTEN = "the server does not know this session any more.";
const WHILE_AWAY = "it was given up while the connection was lost.";

/** The keys of one room, or those of them that are waited for. */
interface Claim {
  readonly room: Pick<Room, "unlock" | "locks">;
  readonly keys: Set<string>;
}

/** The locks that this session holds or waits for, by what it was answered and told. */
export class OwnLocks {
  readonly #listener: OwnLocksListener;
  readonly #stops: readonly (() => void)[];
  /** By room. */
  readonly #held = new Map<string, Claim>();
  readonly #waits = new Set<Claim>();

  constructor(store: Pick<Store, "on">, listener: OwnLocksListener) {
    this.#listener = listener;
    this.#stops = [
      store.on("locks", ({ room, lost }) => {
        if (lost !== undefined) this.#lost(room, lost.keys, lost.message);
      }),
      store.on("session", ({ resumed }) => {
        for (const [room, claim] of this.#held) {
          if (resumed) void this.#compare(room, claim);
          else this.#lost(room, [...claim.keys], FORGOTTEN);
        }
      }),
    ];
  }

  /** How many keys are held, in all rooms. */
  get count(): number {
    return [...this.#held.values()].reduce((sum, { keys }) => sum + keys.size, 0);
  }

  /** Whether there is nothing to give up. */
  get isEmpty(): boolean {
    return this.count === 0 && this.#waits.size === 0;
  }

  holds(room: string, key: string): boolean {
    return this.#held.get(room)?.keys.has(key) === true;
  }

  /** Whoever does not wait for the answer any more holds them all the same. */
  async take(room: Workroom, keys: readonly string[], options: LockOptions): Promise<void> {
    await room.keys.lock(keys, options);
    const held = this.#held.get(room.name) ?? { room: room.keys, keys: new Set() };
    this.#held.set(room.name, held);
    for (const key of keys) held.keys.add(key);
    this.#listener.changed();
  }

  /** Gives up the locks on the keys, and the waits for any of them. */
  async release(room: Workroom, keys: readonly string[]): Promise<void> {
    await room.keys.unlock(keys);
    this.#forget(room.name, keys);
  }

  /** While it is waited for, `releaseAll` ends it. */
  async waiting<T>({ keys: room }: Workroom, keys: readonly string[], asked: Promise<T>): Promise<T> {
    const wait = { room, keys: new Set(keys) };
    this.#waits.add(wait);
    try {
      return await asked;
    } finally {
      this.#waits.delete(wait);
    }
  }

  /** Gives up all that is held or waited for. */
  async releaseAll(): Promise<void> {
    const claims = [...this.#held.values(), ...this.#waits];
    this.#held.clear();
    await Promise.all(claims.map(({ room, keys }) => room.unlock([...keys])));
  }

  /** Hears no more. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** What is lost while there is no connection is told to nobody. */
  async #compare(room: string, { room: asked, keys }: Claim): Promise<void> {
    const before = [...keys];
    const list = await asked.locks().catch(noneWhereForbidden);
    if (list === null || list.more) return;
    const mine = mineOf(list);
    this.#lost(
      room,
      before.filter((key) => !mine.has(key)),
      WHILE_AWAY,
    );
  }

  #lost(room: string, keys: readonly string[], why: string): void {
    const lost = this.#forget(room, keys);
    if (lost.length > 0) this.#listener.lost(room, lost, why);
  }

  /** Those of the keys that were held. */
  #forget(room: string, keys: readonly string[]): readonly string[] {
    const held = this.#held.get(room);
    const gone = keys.filter((key) => held?.keys.delete(key));
    if (held?.keys.size === 0) this.#held.delete(room);
    if (gone.length > 0) this.#listener.changed();
    return gone;
  }
}

/** Whoever may not look into a room any more holds nothing there; any other trouble says nothing. */
function noneWhereForbidden(error: unknown): LockList | null {
  const isForbidden = error instanceof KeyroomError && error.code === "forbidden";
  return isForbidden ? { holders: [], waiters: [], more: false } : null;
}

function mineOf({ holders }: LockList): ReadonlySet<string> {
  return new Set(holders.filter(({ mine }) => mine).map(({ key }) => key));
}
