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
import { io, type Socket } from "socket.io-client";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Auth } from "../../protocol/handshake.ts";
import { type Push, type PushName, parsePush } from "../../protocol/pushes.ts";
import { PROTOCOL_MINIMUM, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { MAX_TIMER_MS } from "./options.ts";
import type { ConnectOptions } from "./types.ts";
import { unfamiliar, unreachable } from "./unreachable.ts";

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

export class Link {
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #listener: LinkListener;
  readonly #socket: Socket;
  #session: Push<"session"> | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #refusals = 0;
  /** Why the server is about to close the connection, and how long to stay away. */
  #bye: { readonly why: KeyroomError; readonly afterMs: number } | null = null;
  #closed = false;

  constructor(url: string, options: ConnectOptions, listener: LinkListener) {
    this.#url = url;
    this.#options = options;
    this.#listener = listener;
    this.#socket = io(url, {
      auth: (send) => send(this.#auth()),
      autoConnect: false,
      forceNew: true,
      transports: [...(options.transports ?? ["websocket", "polling"])],
      tryAllTransports: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.#socket.on("connect_error", (error: Error & { data?: unknown }) => this.#failed(error));
    this.#socket.on("disconnect", (reason) => this.#lost(reason));
    this.#take("session", (session) => this.#welcomed(session));
    this.#take("bye", (bye) => this.#dismissed(bye));
    for (const name of ["role", "start", "changes", "end"] as const) this.#forward(name);
  }

  open(): void {
    this.#socket.connect();
  }

  /** Sends a request. To be called between `session` and `waiting` only: Socket.IO would keep it and send it twice. */
  send(name: string, payload: unknown, answered: (answer: unknown) => void): void {
    this.#socket.emit(name, payload, answered);
  }

  close(why: KeyroomError): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
    this.#listener.closed(why);
  }

  /** The token leads back to the session; the password is for when the server knows the token no more. */
  #auth(): Auth {
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

  #failed(error: Error & { data?: unknown }): void {
    // While it is active, the Manager tries again.
    if (error.data === undefined && this.#socket.active) {
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

  #lost(reason: string): void {
    // What Socket.IO took while the line was silently dead it would send by itself, before its turn and once more.
    this.#socket.sendBuffer = [];
    if (this.#closed) return;
    const bye = this.#bye;
    this.#bye = null;
    this.#wait(bye?.why ?? new KeyroomError("unavailable", `The connection to ${this.#url} is lost (${reason}).`));
    // After a bye the Manager would try too soon, and after this reason not at all.
    if (bye !== null || reason === "io server disconnect") this.#connectLater(bye?.afterMs);
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
    const manager = this.#socket.io;
    const delay = Math.min(manager.reconnectionDelayMax(), manager.reconnectionDelay() * 2 ** this.#refusals++);
    const jitter = 1 + (Math.random() * 2 - 1) * manager.randomizationFactor();
    clearTimeout(this.#retry);
    manager.reconnection(false);
    this.#retry = setTimeout(
      () => {
        manager.reconnection(true);
        this.#socket.connect();
      },
      Math.min(MAX_TIMER_MS, Math.max(0, leastMs) + delay * jitter),
    );
  }

  #forward<N extends keyof Forwarded>(name: N): void {
    const listener: Forwarded = this.#listener;
    this.#take(name, (push) => listener[name](push));
  }

  /** A push that cannot be read ends the link: whoever sends it is no server of ours. */
  #take<N extends PushName>(name: N, handle: (push: Push<N>) => void): void {
    this.#socket.on(name as string, (payload: unknown) => {
      try {
        handle(parsePush(name, payload));
      } catch (error) {
        const internal = (): KeyroomError => new KeyroomError("internal", String(error), { cause: error });
        this.close(error instanceof KeyroomError ? error : internal());
      }
    });
  }
}
