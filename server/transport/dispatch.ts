import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { parseInput } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { isRequestName, type RequestName } from "../../protocol/requests.ts";
import { quoted } from "../../protocol/text.ts";
import type { Log } from "../domain/log.ts";
import type { Rooms } from "../domain/rooms.ts";
import { runBatch } from "./batch.ts";
import { type Handler, type Handlers, SIGNED_OUT } from "./handlers.ts";
import type { Peer } from "./peer.ts";

type Acknowledge = (answer: Answer<unknown>) => void;

/** The one door for requests: parses, calls the domain, acknowledges. Never throws, whatever a client sends. */
export class Dispatcher {
  readonly #handlers: { readonly [N in RequestName]: Handler<N> };
  readonly #log: Log;
  #underWay = 0;
  /** Called when nothing is under way any more. */
  readonly #onIdle: (() => void)[] = [];
  #draining = false;

  constructor(handlers: Handlers, rooms: Rooms, log: Log) {
    const batch: Handler<"batch"> = (caller, input, peer) =>
      runBatch(caller, input, peer, {
        rooms,
        run: (name, payload) => this.#call(peer, name, payload, never),
        refuse: (error, name) => this.#refuse(error, name),
      });
    this.#handlers = { ...handlers, batch };
    this.#log = log;
  }

  /** @param args what came: the event's name, its payload if any, the acknowledgement callback */
  handle(peer: Peer, args: readonly unknown[]): void {
    const acknowledge = args.at(-1);
    // Without a callback there is no way to answer, and a write whose outcome nobody can learn is not run.
    if (!isAcknowledge(acknowledge) || !peer.open) return;
    if (peer.unanswered > 2 * FIXED_LIMITS.inFlight) {
      peer.close(FLOODING);
      return;
    }
    this.#serve(peer, args, acknowledge);
  }

  /** Takes no more requests; resolves when those taken are answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Each promise less on this path is felt in the speed of everything. */
  #serve(peer: Peer, args: readonly unknown[], acknowledge: Acknowledge): void {
    const name = args[0];
    let isOpen = true;
    const answer = (what: Answer<unknown>): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#acknowledge(acknowledge, what);
      if (name === "logout" && what.ok) peer.close(SIGNED_OUT);
      this.#answered(peer);
    };
    peer.unanswered++;
    this.#underWay++;
    const answering = this.#answer(peer, name, args, (value) => answer({ ok: true, value }));
    void deliver(peer, answering, answer);
  }

  /** Null when the handler has answered by itself. Not `async`, which would keep what came for as long as this waits. */
  #answer(
    peer: Peer,
    name: unknown,
    args: readonly unknown[],
    answer: (value: unknown) => void,
  ): Promise<Answer<unknown> | null> {
    try {
      return this.#run(peer, name, args, answer).then(
        (value) => (value === undefined ? null : { ok: true, value }),
        (error: unknown) => this.#refuse(error, name),
      );
    } catch (error) {
      return Promise.resolve(this.#refuse(error, name));
    }
  }

  #answered(peer: Peer): void {
    peer.unanswered--;
    this.#underWay--;
    if (this.#underWay === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #run(peer: Peer, name: unknown, args: readonly unknown[], answer: (value: unknown) => void): Promise<unknown> {
    if (this.#draining) throw new KeyroomError("unavailable", "The server is closing. Connect again in a moment.");
    if (peer.session.ended) throw new KeyroomError("unauthenticated", "This session has ended. Sign in again.");
    if (peer.unanswered > FIXED_LIMITS.inFlight) {
      throw new KeyroomError("rate_limited", `More than ${FIXED_LIMITS.inFlight} requests are unanswered. Wait.`);
    }
    if (typeof name !== "string") throw new KeyroomError("invalid", "The name of a request is a text.");
    if (!isRequestName(name)) {
      throw new KeyroomError("unsupported", `There is no request ${quoted(name.slice(0, 60))}.`);
    }
    const payloads = args.length - 2;
    if (payloads > 1) {
      throw new KeyroomError("invalid", `${name} takes one payload and an acknowledgement, not ${payloads}.`);
    }
    return this.#call(peer, name, payloads === 0 ? {} : (args[1] ?? {}), answer);
  }

  #call<N extends RequestName>(
    peer: Peer,
    name: N,
    payload: unknown,
    answer: (value: Output<N>) => void,
  ): Promise<Output<N> | undefined> {
    const input = parseInput(name, payload);
    const { account, client } = peer.session;
    return this.#handlers[name]({ user: account.name, role: account.role, client }, input, peer, answer);
  }

  #acknowledge(acknowledge: Acknowledge, what: Answer<unknown>): void {
    try {
      acknowledge(what);
    } catch (error) {
      this.#log.error({ err: error }, "could not acknowledge");
    }
  }

  #refuse(error: unknown, name: unknown): Answer<never> {
    return { ok: false, error: this.#explain(error, name).toJSON() };
  }

  #explain(error: unknown, name: unknown): KeyroomError {
    if (error instanceof KeyroomError && error.cause === undefined) return error;
    this.#log.error({ err: error, request: name }, "a request failed");
    if (error instanceof KeyroomError) return error;
    return new KeyroomError("internal", "Something went wrong in the server; its log has the details.");
  }
}

/** Never rejects. What came is not at hand here: it may be large, and would wait with its answer. */
async function deliver(
  peer: Peer,
  answering: Promise<Answer<unknown> | null>,
  answer: (what: Answer<unknown>) => void,
): Promise<void> {
  const what = await answering;
  if (what === null) return;
  // What waits here shares its entries with the rooms; encoded, each answer would be a copy.
  const isOwed = peer.congested;
  if (isOwed) peer.owed.add([what]);
  while (peer.congested && peer.open) await peer.relieved();
  answer(what);
  if (isOwed) peer.owed.remove([what]);
}

/** Told to a client that goes on asking though even refusals wait to be taken. */
const FLOODING: Push<"bye"> = {
  code: "rate_limited",
  message: `More than ${2 * FIXED_LIMITS.inFlight} requests are unanswered.`,
  retryable: true,
  afterMs: 1_000,
};

/** Requests that answer by themselves do not travel in batches. */
function never(): void {}

function isAcknowledge(value: unknown): value is Acknowledge {
  return typeof value === "function";
}
