import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { isRequestName, type Output, parseInput, type RequestName } from "../../protocol/requests.ts";
import { quoted } from "../../protocol/text.ts";
import { InFlight } from "../domain/in-flight.ts";
import type { Log } from "../domain/log.ts";
import { type Handlers, SIGNED_OUT } from "./handlers.ts";
import type { Peer } from "./peer.ts";

type Acknowledge = (answer: Answer<unknown>) => void;

/** The one door for requests: parses, calls the domain, acknowledges. Never throws, whatever a client sends. */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #log: Log;
  readonly #work = new InFlight();
  #draining = false;

  constructor(handlers: Handlers, log: Log) {
    this.#handlers = handlers;
    this.#log = log;
  }

  /** @param args what came: the event's name, its payload if any, the acknowledgement callback */
  handle(peer: Peer, args: readonly unknown[]): void {
    const acknowledge = args.at(-1);
    // Without a callback there is no way to answer, and a write whose outcome nobody can learn is not run.
    if (!isAcknowledge(acknowledge) || !peer.open) return;
    peer.unanswered++;
    const name = args[0];
    const answered = new Promise<void>((resolve) => {
      let open = true;
      const answer = (what: Answer<unknown>): void => {
        if (!open) return;
        open = false;
        peer.unanswered--;
        this.#acknowledge(acknowledge, what);
        if (name === "logout" && what.ok) peer.close(SIGNED_OUT);
        resolve();
      };
      const succeed = (value: unknown): void => answer({ ok: true, value });
      this.#run(peer, name, args.slice(1, -1), succeed).then(
        (value) => value !== undefined && succeed(value),
        (error: unknown) => answer({ ok: false, error: this.#explain(error, name).toJSON() }),
      );
    });
    void this.#work.track(peer.session.account.name, () => answered);
  }

  /** Takes no more requests; resolves when those taken are answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#work.allIdle();
  }

  async #run(
    peer: Peer,
    name: unknown,
    payloads: readonly unknown[],
    answer: (value: unknown) => void,
  ): Promise<unknown> {
    if (this.#draining) throw new KeyroomError("unavailable", "The server is closing. Connect again in a moment.");
    if (peer.unanswered > FIXED_LIMITS.inFlight) {
      throw new KeyroomError("rate_limited", `More than ${FIXED_LIMITS.inFlight} requests are unanswered. Wait.`);
    }
    if (typeof name !== "string") throw new KeyroomError("invalid", "The name of a request is a text.");
    if (!isRequestName(name)) {
      throw new KeyroomError("unsupported", `There is no request ${quoted(name.slice(0, 60))}.`);
    }
    if (payloads.length > 1) {
      throw new KeyroomError("invalid", `${name} takes one payload and an acknowledgement, not ${payloads.length}.`);
    }
    return this.#call(peer, name, payloads[0] ?? {}, answer);
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

  #explain(error: unknown, name: unknown): KeyroomError {
    if (error instanceof KeyroomError) return error;
    this.#log.error({ err: error, request: name }, "a request failed");
    return new KeyroomError("internal", "Something went wrong in the server; its log has the details.");
  }
}

function isAcknowledge(value: unknown): value is Acknowledge {
  return typeof value === "function";
}
