/**
 * Several requests in one event: each is run and answered as if it had come alone, in order. Those on one room that
 * stand together go to the engine together.
 */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { isCounter } from "../../protocol/input-fields.ts";
import { type Input, parseInput } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import { isBatched, isRequestName, type RequestName, takesOperationId } from "../../protocol/requests.ts";
import { quoted } from "../../protocol/text.ts";
import type { Caller } from "../domain/access.ts";
import { chunk, outcomeBytes } from "../domain/pages.ts";
import { isRoomRequest, type RoomRequest } from "../domain/room-plans.ts";
import { failed, type Plan, type Rooms } from "../domain/rooms.ts";
import type { Peer } from "./peer.ts";
import { answersInSeries, eachRequest } from "./series.ts";

export interface BatchParts {
  readonly rooms: Rooms;
  /** Runs a request that is not about a room's keys. */
  readonly run: (name: RequestName, payload: unknown) => Promise<unknown>;
  /** The answer that tells of an error. */
  readonly refuse: (error: unknown, name: unknown) => Answer<never>;
}

/**
 * What is more than a page of answers is pushed ahead of the rest, at the pace at which the client takes it.
 * @throws KeyroomError `invalid` where they are too many, `rate_limited` where the session would have too many requests
 *   under way; then none was run
 */
export function runBatch(
  caller: Caller,
  { batch, requests }: Input<"batch">,
  peer: Peer,
  parts: BatchParts,
): Promise<Output<"batch">> {
  const each = eachRequest(requests);
  // The batch itself counts for one already.
  const more = Math.max(0, each.length - 1);
  if (peer.unanswered + more > FIXED_LIMITS.inFlight) {
    throw new KeyroomError("rate_limited", `More than ${FIXED_LIMITS.inFlight} requests would be unanswered. Wait.`);
  }
  peer.unanswered += more;
  // Apart from what waits for the client: the requests, which may be large, are not kept for as long as their answers.
  return answerPages(peer, batch, more, new Run(caller, parts).all(each));
}

/** @param unanswered how many requests of the batch count as such, apart from the batch itself */
async function answerPages(
  peer: Peer,
  batch: number,
  unanswered: number,
  running: Promise<readonly Weighed[]>,
): Promise<Output<"batch">> {
  let left = unanswered;
  let owed: readonly Answer<unknown>[] = [];
  try {
    const pages = chunk(await running, ({ bytes }) => bytes);
    const last = pages.pop() ?? [];
    for (const page of pages) {
      // All at once: none of them is let go before the last has left.
      if (peer.congested && owed.length === 0) {
        owed = [...pages, last].flatMap((each) => each.map(({ answer }) => answer));
        peer.owed.add(owed);
      }
      while (peer.congested && peer.open) await peer.relieved();
      peer.push("answers", { batch, answers: said(peer, page) });
      // What has its answer makes room for others, also while the rest waits.
      left -= page.length;
      peer.unanswered -= page.length;
    }
    return { answers: said(peer, last) };
  } finally {
    peer.unanswered -= left;
    peer.owed.remove(owed);
  }
}

function said({ takesSeries }: Peer, answers: readonly Weighed[]): unknown[] {
  return takesSeries ? answersInSeries(answers) : answers.map(({ answer }) => answer);
}

/** An answer, what it says if it is that of a put, and about how many bytes it takes as JSON. */
interface Weighed {
  readonly answer: Answer<unknown>;
  readonly put: Output<"put"> | null;
  readonly bytes: number;
}

/** Requests on one room that stand together, and where in the batch they stand. */
interface Group {
  readonly plans: [Plan<RoomRequest>, ...Plan<RoomRequest>[]];
  readonly places: number[];
}

class Run {
  readonly #caller: Caller;
  readonly #parts: BatchParts;
  readonly #answers: Weighed[] = [];
  readonly #work: Promise<void>[] = [];
  #group: Group | null = null;

  constructor(caller: Caller, parts: BatchParts) {
    this.#caller = caller;
    this.#parts = parts;
  }

  /** All begin in this turn, so that nothing that comes later overtakes one of them. */
  async all(requests: readonly unknown[]): Promise<readonly Weighed[]> {
    requests.forEach((request, place) => void this.#begin(request, place));
    this.#runGroup();
    await Promise.all(this.#work);
    return this.#answers;
  }

  #begin(request: unknown, place: number): void {
    const parts: readonly unknown[] = Array.isArray(request) ? request : [];
    const name = parts[0];
    try {
      if (typeof name !== "string" || parts.length > 3) throw malformed();
      if (!isRequestName(name) || !isBatched(name)) throw notBatched(name);
      const counter = parts[2];
      checkCounter(name, counter);
      if (isRoomRequest(name)) this.#plan(name, parts[1] ?? {}, counter, place);
      else this.#runAlone(name, parts[1] ?? {}, place);
    } catch (error) {
      this.#answer(place, this.#parts.refuse(error, name));
    }
  }

  #plan<N extends RoomRequest>(name: N, payload: unknown, counter: number | undefined, place: number): void {
    const input = parseInput(name, payload);
    if ("waitMs" in input && input.waitMs) throw waitingInBatch();
    const plan = this.#parts.rooms.plan(name, this.#caller, input, counter);
    if (this.#group?.plans[0].room === plan.room) {
      this.#group.plans.push(plan);
      this.#group.places.push(place);
      return;
    }
    this.#runGroup();
    this.#group = { plans: [plan], places: [place] };
  }

  #runAlone(name: RequestName, payload: unknown, place: number): void {
    this.#runGroup();
    const answered = this.#parts.run(name, payload).then(
      (value) => this.#answer(place, { ok: true, value }),
      (error: unknown) => this.#answer(place, this.#parts.refuse(error, name)),
    );
    this.#work.push(answered);
  }

  #runGroup(): void {
    if (this.#group !== null) this.#work.push(this.#answerGroup(this.#group));
    this.#group = null;
  }

  async #answerGroup({ plans, places }: Group): Promise<void> {
    const { rooms, refuse } = this.#parts;
    const outcomes = await rooms.run(plans).catch((error: unknown) => ({ error }));
    plans.forEach((plan, i) => {
      const place = places[i] as number;
      try {
        const outcome = "error" in outcomes ? failed(plan, outcomes.error) : outcomes[i];
        const put = isPut(plan) ? rooms.answer(plan, outcome) : null;
        const value = put ?? rooms.answer(plan, outcome);
        this.#answer(place, { ok: true, value }, outcomeBytes(outcome), put);
      } catch (error) {
        this.#answer(place, refuse(error, plan.name));
      }
    });
  }

  #answer(place: number, answer: Answer<unknown>, bytes = 0, put: Output<"put"> | null = null): void {
    const said = answer.ok ? 0 : answer.error.message.length;
    this.#answers[place] = { answer, put, bytes: SMALL_BYTES + said + bytes };
  }
}

function isPut(plan: Plan<RoomRequest>): plan is Plan<"put"> {
  return plan.name === "put";
}

function malformed(): KeyroomError {
  return new KeyroomError("invalid", "A batch is a list of requests like [name, payload] or [name, payload, counter].");
}

/** @throws KeyroomError `invalid` */
function checkCounter(name: RequestName, counter: unknown): asserts counter is number | undefined {
  if (counter === undefined) return;
  if (!takesOperationId(name)) throw new KeyroomError("invalid", `${name} has no operation id, and so no counter.`);
  if (!isCounter(counter)) throw new KeyroomError("invalid", "The counter of an operation is a whole number from 1.");
}

function notBatched(name: string): KeyroomError {
  return new KeyroomError("unsupported", `A request ${quoted(name.slice(0, 60))} cannot be part of a batch.`);
}

function waitingInBatch(): KeyroomError {
  return new KeyroomError("unsupported", "A request that may wait for locks cannot be part of a batch: send it alone.");
}

/** About what an answer takes as JSON without entries, results and texts. */
const SMALL_BYTES = 160;
