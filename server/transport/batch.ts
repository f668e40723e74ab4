/**
 * Several requests in one event: each is run and answered as if it had come alone, in order. Those on one room that
 * stand together go to the engine together.
 */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { type Input, parseInput } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import { isBatched, type RequestName } from "../../protocol/requests.ts";
import { quoted } from "../../protocol/text.ts";
import type { Caller } from "../domain/access.ts";
import { isRoomRequest, type RoomRequest } from "../domain/room-plans.ts";
import { failed, type Plan, type Rooms } from "../domain/rooms.ts";
import type { Peer } from "./peer.ts";

export interface BatchParts {
  readonly rooms: Rooms;
  /** Runs a request that is not about a room's keys. */
  readonly run: (name: RequestName, payload: unknown) => Promise<unknown>;
  /** The answer that tells of an error. */
  readonly refuse: (error: unknown, name: unknown) => Answer<never>;
}

/**
 * What is more than a page of answers is pushed ahead of the rest, at the pace at which the client takes it.
 * @throws KeyroomError `rate_limited` where the session would have too many requests under way; then none was run
 */
export async function runBatch(
  caller: Caller,
  { batch, requests }: Input<"batch">,
  peer: Peer,
  parts: BatchParts,
): Promise<Output<"batch">> {
  // The batch itself counts for one already.
  const more = Math.max(0, requests.length - 1);
  if (peer.unanswered + more > FIXED_LIMITS.inFlight) {
    throw new KeyroomError("rate_limited", `More than ${FIXED_LIMITS.inFlight} requests would be unanswered. Wait.`);
  }
  peer.unanswered += more;
  try {
    const answers = await new Run(caller, parts).all(requests);
    return { answers: await pushPages(peer, batch, answers) };
  } finally {
    peer.unanswered -= more;
  }
}

/** Requests on one room that stand together, and where in the batch they stand. */
interface Group {
  readonly plans: [Plan<RoomRequest>, ...Plan<RoomRequest>[]];
  readonly places: number[];
}

class Run {
  readonly #caller: Caller;
  readonly #parts: BatchParts;
  readonly #answers: Answer<unknown>[] = [];
  readonly #work: Promise<void>[] = [];
  #group: Group | null = null;

  constructor(caller: Caller, parts: BatchParts) {
    this.#caller = caller;
    this.#parts = parts;
  }

  /** All begin in this turn, so that nothing that comes later overtakes one of them. */
  async all(requests: readonly unknown[]): Promise<readonly Answer<unknown>[]> {
    requests.forEach((request, place) => void this.#begin(request, place));
    this.#runGroup();
    await Promise.all(this.#work);
    return this.#answers;
  }

  #begin(request: unknown, place: number): void {
    const parts: readonly unknown[] = Array.isArray(request) ? request : [];
    const name = parts[0];
    try {
      if (typeof name !== "string") throw malformed();
      if (!isBatched(name)) throw notBatched(name);
      if (isRoomRequest(name)) this.#plan(name, parts[1] ?? {}, parseCounter(parts[2]), place);
      else this.#runAlone(name, parts[1] ?? {}, place);
    } catch (error) {
      this.#answer(place, this.#parts.refuse(error, name));
    }
  }

  #plan<N extends RoomRequest>(name: N, payload: unknown, counter: number | undefined, place: number): void {
    const plan = this.#parts.rooms.plan(name, this.#caller, parseInput(name, payload), counter);
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
        this.#answer(place, { ok: true, value: rooms.answer(plan, outcome) });
      } catch (error) {
        this.#answer(place, refuse(error, plan.name));
      }
    });
  }

  #answer(place: number, answer: Answer<unknown>): void {
    this.#answers[place] = answer;
  }
}

function malformed(): KeyroomError {
  return new KeyroomError("invalid", "A batch is a list of requests like [name, payload] or [name, payload, counter].");
}

/** @throws KeyroomError `invalid` */
function parseCounter(counter: unknown): number | undefined {
  if (counter === undefined) return undefined;
  if (Number.isSafeInteger(counter) && Number(counter) > 0) return Number(counter);
  throw new KeyroomError("invalid", "The counter of an operation is a whole number from 1.");
}

function notBatched(name: string): KeyroomError {
  return new KeyroomError("unsupported", `A request ${quoted(name.slice(0, 60))} cannot be part of a batch.`);
}

/** @returns the last page, which goes with the acknowledgement */
async function pushPages(peer: Peer, batch: number, answers: readonly Answer<unknown>[]): Promise<Answer<unknown>[]> {
  let page: Answer<unknown>[] = [];
  let bytes = 0;
  for (const answer of answers) {
    page.push(answer);
    bytes += answerBytes(answer);
    if (bytes < FIXED_LIMITS.pageBytes) continue;
    while (peer.congested && peer.open) await peer.relieved();
    peer.push("answers", { batch, answers: page });
    page = [];
    bytes = 0;
  }
  return page;
}

/** About what an answer takes as JSON: only entries can be long. */
function answerBytes(answer: Answer<unknown>): number {
  const value = answer.ok ? answer.value : null;
  if (typeof value !== "object" || value === null) return SMALL_BYTES;
  if (!("entries" in value && Array.isArray(value.entries))) return entryBytes(value);
  return value.entries.reduce((bytes: number, entry: unknown) => bytes + entryBytes(entry), SMALL_BYTES);
}

const SMALL_BYTES = 160;

function entryBytes(entry: unknown): number {
  const isEntry = typeof entry === "object" && entry !== null && "value" in entry && typeof entry.value === "string";
  return SMALL_BYTES + (isEntry ? Buffer.byteLength(String(entry.value)) : 0);
}
