import { KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { Output } from "../../protocol/outputs.ts";
import { takesOperationId } from "../../protocol/requests.ts";
import type { Engine, Operation, Outcome } from "../engine/port.ts";
import { type Caller, forbidden, mayUse, type RoomAction } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { InFlight } from "./in-flight.ts";
import { expect, operationId, othersOperation, type RoomRequest, TRANSLATIONS } from "./room-plans.ts";

/** A request that may be run: by whom, where and what. */
export interface Plan<N extends RoomRequest> {
  readonly name: N;
  readonly user: string;
  readonly room: string;
  readonly operation: Operation;
  /** Why it must not run: then the operation only asks whether it has run before. */
  readonly refusal?: KeyroomError;
}

/** What every door asks of rooms: access first, then operations of the engine, then its answers in our words. */
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

  /**
   * A write that must not run now may be the repeat of one that ran before the right or the room was lost. So its plan is
   * to ask what became of it; where it has not run, it never will.
   *
   * @param counter of the operation id, which the input must not have then
   * @throws KeyroomError `forbidden`, `not_found`, `invalid`
   */
  plan<N extends RoomRequest>(name: N, caller: Caller, input: Input<N>, counter?: number): Plan<N> {
    const { action, operation: translate } = TRANSLATIONS[name];
    const { user } = caller;
    const room = input.room ?? user;
    const operation = translate(caller, input, counter);
    const refusal = this.#refusal(caller, action, room);
    if (refusal === null) return { name, user, room, operation };
    const id = "id" in operation ? operation.id : undefined;
    if (id === undefined) throw refusal;
    return { name, user, room, operation: { kind: "status", id }, refusal };
  }

  /** Runs plans of one user on one room, in order; the engine is called in this turn. */
  async run(plans: readonly [Plan<RoomRequest>, ...Plan<RoomRequest>[]]): Promise<readonly Outcome[]> {
    const [{ user, room }] = plans;
    const operations = plans.map(({ operation }) => operation);
    return this.#accepted.track(user, () => this.#engine.run(room, operations));
  }

  /** @throws KeyroomError as the engine has refused */
  answer<N extends RoomRequest>({ name, room, refusal }: Plan<N>, outcome: Outcome | undefined): Output<N> {
    if (refusal !== undefined) throw mayHaveRun(outcome) ? doubtful(refusal) : refusal;
    const isWrite = outcome?.kind === "committed" || outcome?.kind === "transacted";
    if (isWrite && outcome.revision !== null) this.#keepGuest(room);
    return TRANSLATIONS[name].answer(outcome);
  }

  /** One request, from its authorization to its answer. */
  async ask<N extends RoomRequest>(name: N, caller: Caller, input: Input<N>): Promise<Output<N>> {
    const plan = this.plan(name, caller, input);
    const [outcome] = await this.run([plan]).catch((error: unknown) => failed(plan, error));
    return this.answer(plan, outcome?.kind === "parked" ? await outcome.settled : outcome);
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
    // As a part of what the user has under way: behind that, the session may end and its ids be forgotten.
    const asked = this.#accepted.track(caller.user, () => this.#engine.run(name, [{ kind: "status", id }]));
    const [outcome] = await asked;
    const { status } = expect(outcome, "status");
    // To whoever may not read the room, a room without his write must look like one that is not there.
    return status.state === "never" && !mayUse(caller, "read", name) ? { state: "unknown" } : status;
  }

  /** The outcomes of the session's operations up to a counter are known to the client. */
  async settle(caller: Caller, { upTo }: Input<"settle">): Promise<Output<"settle">> {
    await this.#accepted.track(caller.user, () => this.#engine.settle(caller.client, upTo));
    return {};
  }

  #refusal(caller: Caller, action: RoomAction, room: string): KeyroomError | null {
    if (!mayUse(caller, action, room)) return forbidden(caller, action, room);
    if (this.#exists(room)) return null;
    return new KeyroomError("not_found", `There is no user called ${room}, and so no room.`);
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

function mayHaveRun(outcome: Outcome | undefined): boolean {
  return expect(outcome, "status").status.state !== "never";
}

function doubtful({ message }: KeyroomError): KeyroomError {
  const sentence = `${message} But the write may have happened when it was sent first: ask for its outcome.`;
  return new KeyroomError("unknown_outcome", sentence);
}

/** An engine that fails in the middle of a commit may have done it, or knows no more whether it has run before. */
export function failed({ name, refusal }: Plan<RoomRequest>, error: unknown): never {
  const isWrite = takesOperationId(name) || refusal !== undefined;
  if (error instanceof KeyroomError || !isWrite) throw error;
  throw new KeyroomError("unknown_outcome", "The server failed: the write may or may not have happened.", {
    cause: error,
  });
}
