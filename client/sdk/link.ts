/**
 * The connection of a store: one Socket.IO socket, its sign-in and its restoring.
 *
 *     connecting ──session──▶ connected ──transport lost, retryable bye──▶ reconnecting
 *         │                      │  ▲──────────────session──────────────────────┘ │
 *         └── refused ──┐        │ final bye, close                               │ refused, close
 *                       ▼        ▼                                                ▼
 *                     closed ◀───┴────────────────────────────────────────────────┘
 *
 * Socket.IO's Manager restores lost transports by itself, with jitter. It does not try again after a refusal by the
 * server's middleware, and knows nothing of how long a bye asks to stay away; there the link tries, with the Manager's
 * own figures.
 */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Auth } from "../../protocol/handshake.ts";
import { type Push, type PushName, parsePush } from "../../protocol/pushes.ts";
import { PROTOCOL_MINIMUM, PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Clock } from "./clock.ts";
import { MAX_TIMER_MS } from "./options.ts";
import type { ConnectOptions } from "./types.ts";
import { unfamiliar, unreachable } from "./unreachable.ts";
import type { OpenWire, Wire, WireListener } from "./wire.ts";

/** Pushes that the link passes on. */
type Forwarded = { readonly [N in "role" | "start" | "changes" | "end"]: (push: Push<N>) => void };

export interface LinkListener extends Forwarded {
  /** Signed in, for the first time or again. */
  session(session: Push<"session">): void;
  /** Not connected any more or not yet; the link goes on trying. */
  waiting(why: KeyroomError): void;
  /** Closed for good. */
  closed(why: KeyroomError): void;
}

/** What each push does. */
type Takers = { readonly [N in PushName]?: (push: Push<N>) => void };

export class Link implements WireListener {
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #listener: LinkListener;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #takers: Takers;
  #session: Push<"session"> | null = null;
  #cancelRetry: () => void = () => undefined;
  #refusals = 0;
  /** Why the server is about to close the connection, and how long to stay away. */
  #bye: { readonly why: KeyroomError; readonly afterMs: number } | null = null;
  #closed = false;

  constructor(url: string, options: ConnectOptions, listener: LinkListener, openWire: OpenWire, clock: Clock) {
    this.#url = url;
    this.#options = options;
    this.#listener = listener;
    this.#clock = clock;
    this.#takers = {
      session: (session) => this.#welcomed(session),
      bye: (bye) => this.#dismissed(bye),
      role: (push) => listener.role(push),
      start: (push) => listener.start(push),
      changes: (push) => listener.changes(push),
      end: (push) => listener.end(push),
    };
    this.#wire = openWire(this);
  }

  open(): void {
    this.#wire.connect();
  }

  /** Sends a request. To be called between `session` and `waiting` only: Socket.IO would keep it and send it twice. */
  send(name: string, payload: unknown, answered: (answer: unknown) => void): void {
    this.#wire.send(name, payload, answered);
  }

  close(why: KeyroomError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRetry();
    this.#wire.close();
    this.#listener.closed(why);
  }

  /** The token leads back to the session; the password is for when the server knows the token no more. */
  auth(): Auth {
    const { user, password } = this.#options;
    const token = this.#session?.token ?? this.#options.token;
    return {
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(token === undefined ? {} : { token }),
      ...(this.#session === null ? {} : { client: this.#session.client }),
      protocol: PROTOCOL_VERSION,
    };
  }

  #welcomed(session: Push<"session">): void {
    if (session.protocol < PROTOCOL_MINIMUM) {
      this.close(new KeyroomError("unsupported", "The server is too old for this client. Update the server."));
      return;
    }
    this.#session = session;
    this.#refusals = 0;
    this.#listener.session(session);
  }

  failed(error: Error & { readonly data?: unknown }, isTrying: boolean): void {
    if (isTrying) {
      this.#wait(unreachable(this.#url, error));
      return;
    }
    const refusal = error.data === undefined ? unfamiliar(this.#url, error) : KeyroomError.fromWire(error.data);
    if (!refusal.retryable) {
      this.close(refusal);
      return;
    }
    this.#wait(refusal);
    this.#connectLater();
  }

  lost(reason: string, isTrying: boolean): void {
    if (this.#closed) return;
    const bye = this.#bye;
    this.#bye = null;
    this.#wait(bye?.why ?? new KeyroomError("unavailable", `The connection to ${this.#url} is lost (${reason}).`));
    // After a bye the wire would try too soon.
    if (bye !== null || !isTrying) this.#connectLater(bye?.afterMs);
  }

  heard(): void {}

  /** A push that cannot be read ends the link: whoever sends it is no server of ours. */
  push(name: string, payload: unknown): void {
    if (!Object.hasOwn(this.#takers, name)) return;
    try {
      this.#take(name as PushName, payload);
    } catch (error) {
      const internal = (): KeyroomError => new KeyroomError("internal", String(error), { cause: error });
      this.close(error instanceof KeyroomError ? error : internal());
    }
  }

  #dismissed(bye: Push<"bye">): void {
    const why = KeyroomError.fromWire(bye);
    if (bye.retryable) this.#bye = { why, afterMs: bye.afterMs };
    else this.close(why);
  }

  #wait(why: KeyroomError): void {
    if (this.#closed) return;
    const first = this.#session === null;
    if (first && this.#options.retry === false) this.close(why);
    else this.#listener.waiting(why);
  }

  #connectLater(leastMs = 0): void {
    if (this.#closed) return;
    const delay = Math.max(0, leastMs) + this.#wire.backoffMs(this.#refusals++);
    this.#cancelRetry();
    this.#wire.rest();
    this.#cancelRetry = this.#clock.after(Math.min(MAX_TIMER_MS, delay), () => this.#wire.connect());
  }

  #take<N extends PushName>(name: N, payload: unknown): void {
    const takers: Takers = this.#takers;
    takers[name]?.(parsePush(name, payload));
  }
}
