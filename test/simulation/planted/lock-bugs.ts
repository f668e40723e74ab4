/** Bugs in locks, and in what goes by itself. */

import { LockSections } from "../../../client/sdk/lock-sections.ts";
import { RemoteRoom } from "../../../client/sdk/room.ts";
import { KeyroomError } from "../../../protocol/errors.ts";
import { Sessions } from "../../../server/domain/sessions.ts";
import { Claims } from "../../../server/engine/memory/claims.ts";
import { Lifetimes } from "../../../server/engine/memory/lifetimes.ts";
import { LockTable } from "../../../server/engine/memory/lock-table.ts";
import { MemoryRoom } from "../../../server/engine/memory/room.ts";
import { RoomLocks } from "../../../server/engine/memory/room-locks.ts";
import type { Change, Claim, Engine, Follower, Operation, Outcome } from "../../../server/engine/port.ts";
import type { Handlers } from "../../../server/transport/handlers.ts";
import { EngineAround } from "../../support/engine-around.ts";
import { HEALTHY, type Plant } from "../plant.ts";
import { inMethod, inPart, type Planted } from "./planted.ts";

type Obstacles = ReturnType<LockTable["inTheWay"]>;

/** Overlooks some of those who are in the way. */
function blindTo(isOverlooked: (obstacle: Obstacles[number]) => boolean): ReturnType<Planted["plant"]> {
  return inMethod(
    LockTable.prototype,
    "inTheWay",
    (inTheWay) =>
      function (this: LockTable, owner, wants, most, place) {
        const all = inTheWay.call(this, owner, wants, Number.POSITIVE_INFINITY, place);
        return all.filter((obstacle) => !isOverlooked(obstacle)).slice(0, most);
      },
  );
}

/** Counts fences from 1 in each life of the server. */
class Renumbering extends EngineAround {
  readonly #real: number[] = [];

  override async run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    const outcomes = await super.run(room, batch.map(this.#toReal));
    return outcomes.map((outcome) =>
      outcome.kind === "parked"
        ? { ...outcome, settled: outcome.settled.then(this.#fromReal) }
        : this.#fromReal(outcome),
    );
  }

  readonly #fromReal = (outcome: Outcome): Outcome => {
    if (outcome.kind !== "granted") return outcome;
    if (!this.#real.includes(outcome.fence)) this.#real.push(outcome.fence);
    return { ...outcome, fence: this.#real.indexOf(outcome.fence) + 1 };
  };

  readonly #toReal = (operation: Operation): Operation => {
    const claim: Claim | undefined = "claim" in operation ? operation.claim : undefined;
    if (claim?.fence === undefined) return operation;
    return { ...operation, claim: { ...claim, fence: this.#real[claim.fence - 1] ?? 0 } } as Operation;
  };
}

/** Does not tell of what `system` does, as if it happened by itself. */
class Secretive extends EngineAround {
  override follow(room: string, follower: Follower): () => void {
    return super.follow(room, {
      committed: (change: Change, position) => {
        if (change.by !== "system") follower.committed(change, position);
      },
      deleted: () => follower.deleted(),
    });
  }
}

class Lenient extends EngineAround {
  override async revokeLocks(owner: string, but?: string): Promise<void> {
    if (but === undefined) await super.revokeLocks(owner);
  }
}

/** Does with sessions that lose their connection what is to be done when they are over. */
function atDisconnect(): ReturnType<Planted["plant"]> {
  let engine: Engine | null = null;
  const planted = inMethod(
    Sessions.prototype,
    "lost",
    (lost) =>
      function (this: Sessions, session, connection) {
        if (session.connection === connection) void engine?.revokeLocks(session.client);
        lost.call(this, session, connection);
      },
  );
  const plant: Plant = {
    ...HEALTHY,
    engine: (real) => {
      engine = real;
      return real;
    },
  };
  return { plant, undo: planted.undo };
}

/** Has whoever closes a cycle wait as long as he may. */
function waitsForEachOther(handlers: Handlers, clock: Parameters<Plant["handlers"]>[1]): Handlers {
  return {
    ...handlers,
    lock: async (caller, input, peer, answer) => {
      try {
        return await handlers.lock(caller, input, peer, answer);
      } catch (error) {
        if (!(error instanceof KeyroomError) || !error.message.includes("would never end")) throw error;
        const { room = caller.user, keys, mode, waitMs = 0 } = input;
        peer.push("locks", { room, waiting: { keys: [...keys], mode, behind: [] } });
        await new Promise<void>((resolve) => clock.after(waitMs, resolve));
        throw new KeyroomError("locked", "Somebody else has it.");
      }
    },
  };
}

export const LOCK_BUGS: readonly Planted[] = [
  {
    bug: "a shared lock does not keep off who wants the key alone",
    promises: "P14",
    validator: "exclusive",
    plant: () => blindTo(({ waits, mode }) => !waits && mode === "shared"),
  },
  {
    bug: "a write minds no locks",
    promises: "P14",
    validator: "exclusive",
    plant: () => inMethod(LockTable.prototype, "holderInTheWay", () => () => null),
  },
  {
    bug: "a stale fence is taken",
    promises: "P14",
    validator: "exclusive",
    plant: () => inMethod(LockTable.prototype, "isLive", () => () => true),
  },
  {
    bug: "fences begin anew with a restart",
    promises: "P14",
    validator: "exclusive",
    plant: () => inPart({ engine: (inner) => new Renumbering(inner) }),
  },
  {
    bug: "whoever asks later gets what others wait for",
    promises: "P14",
    validator: "fair",
    plant: () => blindTo(({ waits }) => waits),
  },
  {
    bug: "whoever waits for several keys is forgotten when they are free",
    promises: "P14",
    validator: "fair",
    plant: () =>
      inMethod(
        LockTable.prototype,
        "inTheWay",
        (inTheWay) =>
          function (this: LockTable, owner, wants, most, place) {
            const obstacles = inTheWay.call(this, owner, wants, most, place);
            const [key = ""] = wants.keys();
            if (obstacles.length > 0 || place === undefined || wants.size === 1) return obstacles;
            return [{ key, mode: "exclusive", user: "nobody", since: 0, waits: true }];
          },
      ),
  },
  {
    bug: "those who wait for each other wait until their time is over",
    promises: "P14",
    validator: "fair",
    plant: () => inPart({ handlers: waitsForEachOther }),
  },
  {
    bug: "a lost connection loses the locks at once",
    promises: "P15",
    validator: "kept",
    plant: atDisconnect,
  },
  {
    bug: "the locks of a session that is over stay",
    promises: "P15",
    validator: "kept",
    plant: () =>
      inMethod(
        Claims.prototype,
        "revoke",
        (revoke) =>
          function (this: Claims, owner, but) {
            if (but !== undefined) revoke.call(this, owner, but);
          },
      ),
  },
  {
    bug: "who is no manager any more keeps his locks",
    promises: "P13, P14",
    validator: "kept",
    plant: () => inPart({ engine: (inner) => new Lenient(inner) }),
  },
  {
    bug: "a lease does not end",
    promises: "P14",
    validator: "kept",
    plant: () => inMethod(RoomLocks.prototype, "endLeases", () => () => undefined),
  },
  {
    bug: "the ephemeral keys of a session that is over stay",
    promises: "P15",
    validator: "kept",
    plant: () => inMethod(Lifetimes.prototype, "ownedBy", () => () => new Map()),
  },
  {
    bug: "a value expires too early",
    promises: "P16",
    validator: "expires",
    plant: () =>
      inMethod(
        Lifetimes.prototype,
        "begin",
        (begin) =>
          function (this: Lifetimes<unknown>, room, put, owner) {
            begin.call(this, room, put.ttlMs === undefined ? put : { ...put, ttlMs: put.ttlMs / 2 }, owner);
          },
      ),
  },
  {
    bug: "a put keeps the time at which the value before it was to go",
    promises: "P16",
    validator: "expires",
    plant: () => inMethod(Lifetimes.prototype, "end", () => () => undefined),
  },
  {
    bug: "a touch changes nothing",
    promises: "P16",
    validator: "expires",
    plant: () => inMethod(Lifetimes.prototype, "prolong", () => () => undefined),
  },
  {
    bug: "what expires goes without a word to those who watch",
    promises: "P16",
    validator: "complete",
    plant: () => inPart({ engine: (inner) => new Secretive(inner) }),
  },
  {
    bug: "an undo does not mind what has changed since",
    promises: "P2",
    validator: "outcomes",
    plant: () =>
      inMethod(
        MemoryRoom.prototype,
        "inverseOf",
        (inverseOf) =>
          function (this: MemoryRoom, undo) {
            const commit = inverseOf.call(this, undo);
            return commit.kind === "commit" ? { ...commit, conditions: [] } : commit;
          },
      ),
  },
  {
    bug: "a function under a lock is not told when nothing is heard for too long",
    promises: "P14",
    validator: "kept",
    plant: () => inMethod(LockSections.prototype, "silent", () => () => undefined),
  },
  {
    bug: "functions under a lock that are of one program run at once",
    promises: "P14",
    validator: "exclusive",
    plant: () =>
      inMethod(
        RemoteRoom.prototype,
        "withLock",
        () =>
          async function (this: RemoteRoom, keys, options, body) {
            const { fence } = await this.lock(keys, { waitMs: 10_000, ...options });
            try {
              return await body({ keys, fence, signal: new AbortController().signal });
            } finally {
              await this.unlock(keys);
            }
          },
      ),
  },
];
