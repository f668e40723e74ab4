/** Tells sessions what has become of their locks, and whoever follows a room's locks how they stand. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Engine, LockNews, LossReason } from "../engine/port.ts";
import { authorizeRoom, type Caller } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { Clock } from "./clock.ts";
import type { InFlight } from "./in-flight.ts";
import { expect } from "./room-plans.ts";
import type { Connection, Sessions } from "./sessions.ts";
import { BACKLOG_BYTES } from "./watching.ts";

/** A list is pushed at most this often. */
const PERIOD_MS = 100;

/** Rooms whose locks one connection may follow. */
const MAX_FOLLOWED = 1_000;

/** Why a lock was lost, for people. */
const LOSSES: Readonly<Record<LossReason, string>> = {
  lease: "its lease was over.",
  revoked: "the right to it is gone.",
  deleted: "the room was deleted.",
};

/** What a connection follows. */
interface Followed {
  /** Room → who asks. */
  readonly rooms: Map<string, Caller>;
  /** The rooms whose lists it is to be told. */
  readonly owed: Set<string>;
}

export class LockAudiences {
  readonly #engine: Engine;
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #accepted: InFlight;
  readonly #clock: Clock;
  readonly #followed = new Map<Connection, Followed>();
  #moved = new Set<string>();
  readonly #stop: () => void;
  #cancel: (() => void) | null = null;

  constructor(engine: Engine, accounts: Accounts, sessions: Sessions, accepted: InFlight, clock: Clock) {
    this.#engine = engine;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#accepted = accepted;
    this.#clock = clock;
    this.#stop = engine.onLocks((news) => this.#hear(news));
  }

  /**
   * The locks of a room; with `follow`, the connection is told from now on when they change.
   * @throws KeyroomError `forbidden`, `not_found`, `quota`
   */
  async ask(caller: Caller, input: Input<"locks">, connection: Connection): Promise<Output<"locks">> {
    const { room = caller.user, follow, limit } = input;
    authorizeRoom(caller, "read", room);
    if (room !== caller.user && this.#accounts.find(room) === undefined) {
      throw new KeyroomError("not_found", `There is no user called ${room}, and so no room.`);
    }
    if (follow === true) this.#follow(connection, room, caller);
    if (follow === false) this.#unfollow(connection, room);
    return this.#accepted.track(caller.user, () => this.#list(room, caller, limit));
  }

  /** The connection is gone. */
  forget(connection: Connection): void {
    this.#followed.delete(connection);
  }

  /** The user may look into no room but his own any more. */
  revoke(user: string): void {
    for (const [connection, followed] of this.#followed) {
      for (const [room, caller] of followed.rooms) {
        if (caller.user === user && room !== user) this.#unfollow(connection, room);
      }
    }
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
  }

  #follow(connection: Connection, room: string, caller: Caller): void {
    const followed: Followed = this.#followed.get(connection) ?? { rooms: new Map(), owed: new Set() };
    if (followed.rooms.size >= MAX_FOLLOWED && !followed.rooms.has(room)) {
      throw new KeyroomError("quota", `One connection follows the locks of ${MAX_FOLLOWED} rooms at most.`);
    }
    followed.rooms.set(room, caller);
    this.#followed.set(connection, followed);
  }

  #unfollow(connection: Connection, room: string): void {
    const followed = this.#followed.get(connection);
    followed?.rooms.delete(room);
    if (followed?.rooms.size === 0) this.#followed.delete(connection);
  }

  #hear(news: LockNews): void {
    const { room } = news;
    switch (news.kind) {
      case "waiting": {
        const { owner, keys, mode, behind } = news.waiter;
        this.#connectionOf(owner)?.push("locks", { room, waiting: { keys: [...keys], mode, behind: [...behind] } });
        break;
      }
      case "granted": {
        const { owner, keys, mode, fence } = news;
        this.#connectionOf(owner)?.push("locks", { room, granted: { keys: [...keys], mode, fence } });
        break;
      }
      case "lost": {
        const { owner, keys, reason } = news;
        this.#connectionOf(owner)?.push("locks", { room, lost: { keys: [...keys], reason, message: LOSSES[reason] } });
        break;
      }
      case "moved":
        if (this.#followed.size === 0) break;
        this.#moved.add(room);
        this.#tellSoon();
    }
  }

  #connectionOf(client: string): Connection | null {
    return this.#sessions.find(client)?.connection ?? null;
  }

  #tellSoon(): void {
    this.#cancel ??= this.#clock.after(PERIOD_MS, () => {
      this.#cancel = null;
      const moved = this.#moved;
      this.#moved = new Set();
      for (const [connection, followed] of this.#followed) this.#tell(connection, followed, moved);
    });
  }

  #tell(connection: Connection, { rooms, owed }: Followed, moved: ReadonlySet<string>): void {
    for (const room of moved) if (rooms.has(room)) owed.add(room);
    if (owed.size === 0) return;
    // Whoever reads slowly is told later, and then how it stands by then.
    if (connection.backlog() > BACKLOG_BYTES) {
      this.#tellSoon();
      return;
    }
    for (const room of owed) {
      const caller = rooms.get(room);
      if (caller !== undefined) void this.#push(connection, room, caller);
    }
    owed.clear();
  }

  async #push(connection: Connection, room: string, caller: Caller): Promise<void> {
    const list = await this.#list(room, caller).catch(() => null);
    if (list !== null && this.#followed.get(connection)?.rooms.has(room)) connection.push("locks", { room, list });
  }

  async #list(room: string, { client }: Caller, limit: number = FIXED_LIMITS.pageEntries): Promise<Output<"locks">> {
    const [outcome] = await this.#engine.run(room, [{ kind: "locks", limit }]);
    const { holders, waiters, more } = expect(outcome, "locks");
    return {
      holders: holders.map(({ owner, ...holder }) => ({ ...holder, mine: owner === client })),
      waiters: waiters.map(({ owner, keys, behind, ...waiter }) => ({
        ...waiter,
        keys: [...keys],
        behind: [...behind],
        mine: owner === client,
      })),
      more,
    };
  }
}
