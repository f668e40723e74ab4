import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Input, Output } from "../../protocol/requests.ts";
import type { Engine, Operation, OperationId, Outcome } from "../engine/port.ts";
import { authorizeRoom, type Caller, mayUse, type RoomAction } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { InFlight } from "./in-flight.ts";

/** What every door asks of rooms: access first, then one operation of the engine, then its answer in our words. */
export class Rooms {
  readonly #engine: Engine;
  readonly #accounts: Accounts;
  readonly #accepted: InFlight;
  readonly #ownerOf: (client: string) => string | undefined;

  /**
   * @param accepted knows each user's operations from their authorization to their end
   * @param ownerOf the user whose session has a client id
   */
  constructor(engine: Engine, accounts: Accounts, accepted: InFlight, ownerOf: (client: string) => string | undefined) {
    this.#engine = engine;
    this.#accounts = accounts;
    this.#accepted = accepted;
    this.#ownerOf = ownerOf;
  }

  async get(caller: Caller, { key, room }: Input<"get">): Promise<Output<"get">> {
    const outcome = await this.#run(caller, "read", room, { kind: "read", keys: [key] });
    return expect(outcome, "entries").entries[0] ?? null;
  }

  async list(caller: Caller, { room, prefix, after, limit }: Input<"list">): Promise<Output<"list">> {
    const outcome = await this.#run(caller, "read", room, {
      kind: "list",
      prefix: prefix ?? "",
      ...(after === undefined ? {} : { after }),
      limit: limit ?? FIXED_LIMITS.pageEntries,
    });
    const { entries, more, position } = expect(outcome, "page");
    return { entries: [...entries], more, position };
  }

  async put(caller: Caller, { key, value, room, ifRevision, op }: Input<"put">): Promise<Output<"put">> {
    const { revision, version } = await this.#commit(caller, room, [{ key, value }], [], key, ifRevision, op);
    // A put always commits something.
    return { revision: revision ?? 0, version };
  }

  async delete(caller: Caller, { key, room, ifRevision, op }: Input<"delete">): Promise<Output<"delete">> {
    const { revision } = await this.#commit(caller, room, [], [key], key, ifRevision, op);
    return { revision, existed: revision !== null };
  }

  /**
   * Asks for the outcome of a write of any of the user's sessions, so that one process can settle what another left
   * open; that needs no access to the room. Of a session that is over nothing is known.
   */
  async status(caller: Caller, { op, room }: Input<"status">): Promise<Output<"status">> {
    const id = operationId(op);
    const owner = this.#ownerOf(id.client);
    if (owner !== undefined && owner !== caller.user) throw othersOperation();
    const name = room ?? caller.user;
    if (owner === undefined || !this.#exists(name)) return { state: "unknown" };
    const [outcome] = await this.#engine.run(name, [{ kind: "status", id }]);
    const { status } = expect(outcome, "status");
    // To whoever may not read the room, a room without his write must look like one that is not there.
    return status.state === "never" && !mayUse(caller, "read", name) ? { state: "unknown" } : status;
  }

  async #commit(
    caller: Caller,
    room: string | undefined,
    puts: readonly { key: string; value: string }[],
    deletes: readonly string[],
    key: string,
    ifRevision: number | undefined,
    op: string | undefined,
  ) {
    const id = op === undefined ? undefined : ownOperation(caller, op);
    const running = this.#run(caller, "write", room, {
      kind: "commit",
      by: caller.user,
      puts,
      deletes,
      conditions: ifRevision === undefined ? [] : [{ key, revision: ifRevision }],
      ...(id === undefined ? {} : { id }),
    });
    const outcome = await running.catch((error: unknown) => this.#notRun(room ?? caller.user, id, error));
    const committed = expect(outcome, "committed");
    if (committed.revision !== null) this.#keepGuest(room ?? caller.user);
    return committed;
  }

  /**
   * A write that must not run now may be the repeat of one that ran before the right or the room was lost; where it is
   * not, it never runs.
   */
  async #notRun(room: string, id: OperationId | undefined, error: unknown): Promise<never> {
    if (!(error instanceof KeyroomError)) throw new KeyroomError("unknown_outcome", FAILED, { cause: error });
    if (id === undefined || !(error.code === "forbidden" || error.code === "not_found")) throw error;
    const [outcome] = await this.#engine.run(room, [{ kind: "status", id }]);
    const { status } = expect(outcome, "status");
    if (status.state === "never") throw error;
    const sentence = `${error.message} But the write may have happened when it was sent first: ask for its outcome.`;
    throw new KeyroomError("unknown_outcome", sentence);
  }

  /** Runs one operation; nothing is awaited before the engine is called, so that a client's order is kept. */
  async #run(
    caller: Caller,
    action: RoomAction,
    room: string | undefined,
    operation: Operation,
  ): Promise<Outcome | undefined> {
    const name = room ?? caller.user;
    authorizeRoom(caller, action, name);
    if (!this.#exists(name)) throw new KeyroomError("not_found", `There is no user called ${name}, and so no room.`);
    const [outcome] = await this.#accepted.track(caller.user, () => this.#engine.run(name, [operation]));
    return outcome;
  }

  #exists(room: string): boolean {
    return this.#accounts.find(room) !== undefined;
  }

  /** An anonymous guest who has written something is worth remembering. */
  #keepGuest(room: string): void {
    const account = this.#accounts.find(room);
    if (account?.kind !== "anonymous" || account.kept) return;
    this.#accounts.keep(account);
    void this.#accounts.save();
  }
}

/** The outcome, if it is of the kind that the operation asks for. */
function expect<K extends Outcome["kind"]>(outcome: Outcome | undefined, kind: K): Extract<Outcome, { kind: K }> {
  if (outcome?.kind === "refused") throw new KeyroomError(outcome.code, outcome.message);
  if (!isKind(outcome, kind)) throw new KeyroomError("internal", "The engine gave an answer of the wrong kind.");
  return outcome;
}

function isKind<K extends Outcome["kind"]>(
  outcome: Outcome | undefined,
  kind: K,
): outcome is Extract<Outcome, { kind: K }> {
  return outcome?.kind === kind;
}

/** An engine that fails in the middle of a commit may have done it. */
const FAILED = "The server failed: the write may or may not have happened.";

function operationId(op: string): OperationId {
  const [client = "", counter] = op.split(":");
  return { client, counter: Number(counter) };
}

/** @throws KeyroomError `forbidden` for an operation of another session */
function ownOperation(caller: Caller, op: string): OperationId {
  const id = operationId(op);
  if (id.client !== caller.client) throw othersOperation();
  return id;
}

function othersOperation(): KeyroomError {
  return new KeyroomError("forbidden", "The operation id belongs to another session. Use your own client id.");
}
