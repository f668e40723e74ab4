/** Bugs in the log: what watches begin with and go on from. */
import type { Position } from "../../../protocol/fields.ts";
import type { Engine, Follower, LogRecord, Operation, Outcome } from "../../../server/engine/port.ts";
import { EngineAround } from "../../support/engine-around.ts";
import { inPart, type Planted } from "./planted.ts";

type Replay = Extract<Operation, { kind: "replay" }>;

/** An engine whose replays are wrong. */
abstract class WrongReplays extends EngineAround {
  override async run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    const [first] = batch;
    return first?.kind === "replay" ? [await this.replay(room, first)] : super.run(room, batch);
  }

  protected abstract replay(room: string, operation: Replay): Promise<Outcome>;

  protected async right(room: string, operation: Operation): Promise<Outcome> {
    const [outcome] = await super.run(room, [operation]);
    if (outcome === undefined) throw new Error("The engine gave no answer.");
    return outcome;
  }
}

class Stutter extends WrongReplays {
  protected override async replay(room: string, operation: Replay): Promise<Outcome> {
    const outcome = await this.right(room, operation);
    if (outcome.kind !== "replayed") return outcome;
    return { ...outcome, records: outcome.records.flatMap((record) => [record, record]) };
  }
}

/** Takes the first commit for one that nobody can stand before. */
class Birthless extends WrongReplays {
  protected override async replay(room: string, operation: Replay): Promise<Outcome> {
    return operation.from.revision === 0 ? { kind: "gap" } : this.right(room, operation);
  }
}

/** Replays from one behind the position, where the log begins there. */
class OffByOne extends WrongReplays {
  readonly #tags = new Map<string, Map<number, number>>();

  protected override async replay(room: string, operation: Replay): Promise<Outcome> {
    const outcome = await this.right(room, operation);
    const { from } = operation;
    const tag = this.#tags.get(`${room} ${from.epoch}`)?.get(from.revision + 1);
    if (outcome.kind !== "gap" || tag === undefined) return outcome;
    return this.right(room, { kind: "replay", from: { ...from, revision: from.revision + 1, tag } });
  }

  override follow(room: string, follower: Follower): () => void {
    return super.follow(room, {
      committed: (change, position) => {
        const tags = this.#tags.get(`${room} ${position.epoch}`) ?? new Map<number, number>();
        this.#tags.set(`${room} ${position.epoch}`, tags.set(change.revision, change.tag));
        follower.committed(change, position);
      },
      deleted: () => follower.deleted(),
    });
  }
}

/** Tells of a commit of several keys in two changes. */
class Piecemeal extends EngineAround {
  override follow(room: string, follower: Follower): () => void {
    return super.follow(room, {
      committed: (change, position) => {
        const { puts, deletes } = change;
        if (puts.length > 0 && deletes.length > 0) {
          follower.committed({ ...change, deletes: [] }, position);
          follower.committed({ ...change, puts: [] }, position);
          return;
        }
        const half = Math.floor(deletes.length / 2);
        const [first, second] = [deletes.slice(0, half), deletes.slice(half)];
        if (half > 0) follower.committed({ ...change, deletes: first }, position);
        follower.committed({ ...change, deletes: half > 0 ? second : deletes }, position);
      },
      deleted: () => follower.deleted(),
    });
  }
}

class Indiscreet extends EngineAround {
  override run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    const all = batch.map(
      (operation): Operation => (operation.kind === "snapshot" ? { ...operation, filter: { kind: "all" } } : operation),
    );
    return super.run(room, all);
  }
}

/** Calls every life of every room the same, and has a revision's number for its tag. */
class Immortal extends EngineAround {
  /** The real positions, by room and revision, of its present life. */
  readonly #real = new Map<string, Position[]>();

  override async run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    const known = await this.#known(room);
    const real = batch.map(
      (operation): Operation =>
        operation.kind === "replay"
          ? { ...operation, from: known[operation.from.revision] ?? operation.from }
          : operation,
    );
    return (await super.run(room, real)).map((outcome) => this.#disguise(outcome));
  }

  override follow(room: string, follower: Follower): () => void {
    return super.follow(room, {
      committed: (change, position) => {
        void this.#known(room).then((known) => {
          known[position.revision] = position;
        });
        follower.committed({ ...change, tag: change.revision }, alike(position));
      },
      deleted: () => {
        this.#real.delete(room);
        follower.deleted();
      },
    });
  }

  async #known(room: string): Promise<Position[]> {
    const known = this.#real.get(room) ?? [];
    this.#real.set(room, known);
    const [page] = await super.run(room, [{ kind: "list", prefix: "", limit: 1 }]);
    if (page?.kind === "page") known[page.position.revision] = page.position;
    return known;
  }

  #disguise(outcome: Outcome): Outcome {
    if (!("position" in outcome)) return outcome;
    const position = alike(outcome.position);
    if (outcome.kind !== "replayed") return { ...outcome, position };
    const records = outcome.records.map((record): LogRecord => ({ ...record, tag: record.revision }));
    return { ...outcome, position, records };
  }
}

function alike({ revision }: Position): Position {
  return { epoch: "always", revision, tag: revision };
}

const engine = (make: (engine: Engine) => Engine) => () => inPart({ engine: make });

export const LOG_BUGS: readonly Planted[] = [
  {
    bug: "a replay tells each change twice",
    promises: "P4",
    validator: "unique",
    plant: engine((inner) => new Stutter(inner)),
  },
  {
    bug: "a commit of several keys is told as two changes",
    promises: "P2",
    validator: "atomic",
    plant: engine((inner) => new Piecemeal(inner)),
  },
  {
    bug: "who stands before the first commit is told a gap",
    promises: "P7",
    validator: "resumable",
    plant: engine((inner) => new Birthless(inner)),
  },
  {
    bug: "the log is taken to reach one commit further back than it does",
    promises: "P7, P8",
    validator: "complete",
    plant: engine((inner) => new OffByOne(inner)),
  },
  {
    bug: "a restart goes on with the epoch and uses its revisions again",
    promises: "P9",
    validator: "resumable",
    plant: engine((inner) => new Immortal(inner)),
  },
  {
    bug: "a snapshot has keys that were not asked for",
    promises: "P13",
    validator: "authorized",
    plant: engine((inner) => new Indiscreet(inner)),
  },
];
