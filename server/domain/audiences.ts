import type { Output } from "../../protocol/outputs.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./sessions.ts";

/** Differences are pushed at most this often. */
const PERIOD_MS = 1_000;

interface Owner {
  readonly user: string;
  /** What this connection was told last: who watches, since when. */
  told: ReadonlyMap<string, number>;
}

/** Tells the owners of rooms who watches them: whoever has asked is told of changes. */
export class Audiences {
  readonly #clock: Clock;
  readonly #watchersOf: (room: string) => ReadonlyMap<string, number>;
  readonly #owners = new Map<Connection, Owner>();
  readonly #changed = new Set<string>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, watchersOf: (room: string) => ReadonlyMap<string, number>) {
    this.#clock = clock;
    this.#watchersOf = watchersOf;
  }

  /** Who else watches the user's room; from now on the connection is told of changes. */
  ask(connection: Connection, user: string): Output<"watchers"> {
    const told = this.#othersOf(user);
    this.#owners.set(connection, { user, told });
    return { watchers: [...told].map(([name, since]) => ({ user: name, since })) };
  }

  forget(connection: Connection): void {
    this.#owners.delete(connection);
  }

  /** Somebody began or ceased to watch the room. */
  changed(room: string): void {
    this.#changed.add(room);
    this.#cancel ??= this.#clock.after(PERIOD_MS, () => this.#tell());
  }

  close(): void {
    this.#cancel?.();
  }

  #tell(): void {
    this.#cancel = null;
    for (const [connection, owner] of this.#owners) {
      if (!this.#changed.has(owner.user)) continue;
      const now = this.#othersOf(owner.user);
      const joined = [...now].filter(([user]) => !owner.told.has(user)).map(([user, since]) => ({ user, since }));
      const left = [...owner.told.keys()].filter((user) => !now.has(user));
      owner.told = now;
      if (joined.length + left.length > 0) connection.push("watchers", { joined, left });
    }
    this.#changed.clear();
  }

  #othersOf(user: string): ReadonlyMap<string, number> {
    const watchers = new Map(this.#watchersOf(user));
    watchers.delete(user);
    return watchers;
  }
}
