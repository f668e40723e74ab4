/** Bugs in how commits are made, repeated and read. */
import type { Entry } from "../../../protocol/fields.ts";
import type { Commit, Engine, Operation, Outcome } from "../../../server/engine/port.ts";
import { EngineAround } from "../../support/engine-around.ts";
import { inPart, type Planted } from "./planted.ts";

/** An engine that treats each operation of a batch by itself; whoever extends it does so wrongly. */
abstract class OneByOne extends EngineAround {
  override async run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
    return Promise.all(batch.map((operation) => this.one(room, operation)));
  }

  protected abstract one(room: string, operation: Operation): Promise<Outcome>;

  protected async right(room: string, operation: Operation): Promise<Outcome> {
    const [outcome] = await super.run(room, [operation]);
    if (outcome === undefined) throw new Error("The engine gave no answer.");
    return outcome;
  }

  protected async revisionOf(room: string): Promise<number> {
    const page = await this.right(room, { kind: "list", prefix: "", limit: 1 });
    return page.kind === "page" ? page.position.revision : 0;
  }
}

function nameOf(room: string, { id }: Commit): string {
  return id === undefined ? "" : `${room} ${id.client}:${id.counter}`;
}

class Forgetful extends OneByOne {
  protected override one(room: string, operation: Operation): Promise<Outcome> {
    if (operation.kind !== "commit" && operation.kind !== "transact") return this.right(room, operation);
    const { id: _forgotten, ...write } = operation;
    return this.right(room, write);
  }
}

class Inconstant extends OneByOne {
  readonly #seen = new Set<string>();

  protected override async one(room: string, operation: Operation): Promise<Outcome> {
    const outcome = await this.right(room, operation);
    if (operation.kind !== "commit" || outcome.kind !== "committed" || outcome.revision === null) return outcome;
    const name = nameOf(room, operation);
    if (!this.#seen.has(name)) {
      this.#seen.add(name);
      return outcome;
    }
    return { ...outcome, revision: await this.revisionOf(room) };
  }
}

/** Of the commits that come together, it makes the first one. */
class HalfHearted extends OneByOne {
  readonly #made = new Set<string>();

  protected override async one(room: string, operation: Operation): Promise<Outcome> {
    if (operation.kind !== "commit" || operation.by === "system") return this.right(room, operation);
    if (this.#made.has(operation.by)) return { kind: "committed", revision: null, version: 1 };
    this.#made.add(operation.by);
    process.nextTick(() => this.#made.clear());
    return this.right(room, operation);
  }
}

/** Of a commit of several keys, it makes the first. */
class HalfDone extends OneByOne {
  protected override one(room: string, operation: Operation): Promise<Outcome> {
    if (operation.kind !== "commit" || operation.puts.length === 0) return this.right(room, operation);
    return this.right(room, { ...operation, puts: operation.puts.slice(0, 1), deletes: [] });
  }
}

/** Runs a transaction whatever its conditions. */
class Unconditional extends OneByOne {
  protected override one(room: string, operation: Operation): Promise<Outcome> {
    return this.right(room, operation.kind === "transact" ? { ...operation, conditions: [] } : operation);
  }
}

/** Of several keys it reads the first as it was when it was read for the first time. */
class TwoMoments extends OneByOne {
  readonly #before = new Map<string, Entry | null>();

  protected override async one(room: string, operation: Operation): Promise<Outcome> {
    const outcome = await this.right(room, operation);
    if (operation.kind !== "read" || outcome.kind !== "entries") return outcome;
    const name = `${room} ${operation.keys[0]}`;
    const [now = null, ...others] = outcome.entries;
    const before = this.#before.get(name) ?? now;
    this.#before.set(name, before);
    return others.length === 0 ? outcome : { ...outcome, entries: [before, ...others] };
  }
}

class Faithless extends OneByOne {
  readonly #ran = new Set<string>();

  protected override async one(room: string, operation: Operation): Promise<Outcome> {
    if (operation.kind === "commit") this.#ran.add(nameOf(room, operation));
    if (operation.kind !== "status") return this.right(room, operation);
    const { client, counter } = operation.id;
    if (this.#ran.has(`${room} ${client}:${counter}`)) return this.right(room, operation);
    return { kind: "status", status: { state: "never" } };
  }
}

class Backward extends OneByOne {
  readonly #first = new Map<string, Outcome>();

  protected override async one(room: string, operation: Operation): Promise<Outcome> {
    const outcome = await this.right(room, operation);
    if (operation.kind !== "read" && operation.kind !== "list") return outcome;
    const question = `${room} ${JSON.stringify(operation)}`;
    const first = this.#first.get(question) ?? outcome;
    this.#first.set(question, first);
    return first;
  }
}

const engine = (make: (engine: Engine) => Engine) => () => inPart({ engine: make });

export const ENGINE_BUGS: readonly Planted[] = [
  {
    bug: "a read is answered from the past",
    promises: "P1",
    validator: "linearizable",
    plant: engine((inner) => new Backward(inner)),
  },
  {
    bug: "of what comes together only the first half is applied, and all is answered",
    promises: "P1, P2",
    validator: "linearizable",
    plant: engine((inner) => new HalfHearted(inner)),
  },
  {
    bug: "of a write of several keys only the first is put, and all is answered",
    promises: "P2",
    validator: "outcomes",
    plant: engine((inner) => new HalfDone(inner)),
  },
  {
    bug: "of several keys that are read at once one is as it was before",
    promises: "P2",
    validator: "linearizable",
    plant: engine((inner) => new TwoMoments(inner)),
  },
  {
    bug: "a transaction is run whatever its conditions",
    promises: "P2",
    validator: "linearizable",
    plant: engine((inner) => new Unconditional(inner)),
  },
  {
    bug: "a repeat is run again",
    promises: "P11",
    validator: "faithful",
    plant: engine((inner) => new Forgetful(inner)),
  },
  {
    bug: "a repeat is answered with a new revision",
    promises: "P11",
    validator: "linearizable",
    plant: engine((inner) => new Inconstant(inner)),
  },
  {
    bug: "what was told as never runs all the same",
    promises: "P12",
    validator: "outcomes",
    plant: engine((inner) => new Faithless(inner)),
  },
];
