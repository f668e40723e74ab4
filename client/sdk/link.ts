/** The connection of a store: turns what its wire says into events of its life, and does what that answers. */
import { asKeyroomError, KeyroomError } from "../../protocol/errors.ts";
import type { Auth } from "../../protocol/handshake.ts";
import { type Push, type PushName, parsePush } from "../../protocol/pushes.ts";
import { PROTOCOL_MINIMUM, PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Clock } from "./clock.ts";
import { type Life, type LifeEvent, type News, step } from "./life.ts";
import { MAX_TIMER_MS } from "./options.ts";
import type { ConnectOptions, Retry } from "./types.ts";
import { unfamiliar, unreachable } from "./unreachable.ts";
import type { OpenWire, Wire, WireListener } from "./wire.ts";

/** Whoever is told of the connection's life. */
export type LifeListener = { readonly [N in keyof News]: (about: News[N]) => void };

/** What each push does. */
type Takers = { readonly [N in PushName]?: (push: Push<N>) => void };

/** Whoever takes the pushes that are not of the connection itself. */
export type PushListener = Omit<Takers, "session" | "bye">;

export class Link implements WireListener {
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #listener: LifeListener;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #takers: Takers;
  #session: Push<"session"> | null = null;
  #life: Life;
  #heardAt = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(
    url: string,
    options: ConnectOptions,
    listener: LifeListener,
    pushes: PushListener,
    openWire: OpenWire,
    clock: Clock,
  ) {
    this.#url = url;
    this.#options = options;
    this.#listener = listener;
    this.#clock = clock;
    this.#life = options.retry === false ? { kind: "once" } : { kind: "connecting", attempts: 0 };
    this.#takers = {
      ...pushes,
      session: (session) => this.#welcomed(session),
      bye: (bye) => this.#dismissed(bye),
    };
    this.#wire = openWire(this);
  }

  open(): void {
    this.#wire.connect();
  }

  get retry(): Retry | null {
    const life = this.#life;
    if (!("attempts" in life) || life.kind === "dismissed") return null;
    const inMs = life.kind === "waiting" ? Math.max(0, life.until - this.#clock.monotonic()) : 0;
    return { attempt: life.attempts, inMs };
  }

  /** Ms by the clock, when the server said something last. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Sends a request. To be called between `session` and `waiting` only: Socket.IO would keep it and send it twice. */
  send(name: string, payload: unknown, answered: (answer: unknown) => void): void {
    this.#wire.send(name, payload, (answer) => {
      this.#hears();
      answered(answer);
    });
  }

  close(why: KeyroomError): void {
    this.#happens({ kind: "close", why });
  }

  /** The token leads back to the session; the password is for when the server knows the token no more. */
  auth(): Auth {
    const { user, password } = this.#options;
    const { token, client } = this.#session ?? { token: this.#options.token };
    // What is undefined does not travel.
    return { user, password, token, client, protocol: PROTOCOL_VERSION };
  }

  failed(error: Error & { readonly data?: unknown }, isRefusal: boolean): void {
    if (!isRefusal) this.#happens({ kind: "lost", why: unreachable(this.#url, error) });
    else {
      const why = error.data === undefined ? unfamiliar(this.#url, error) : KeyroomError.fromWire(error.data);
      this.#happens({ kind: "refused", why });
    }
  }

  lost(reason: string): void {
    const why = new KeyroomError("unavailable", `The connection to ${this.#url} is lost (${reason}).`);
    this.#happens({ kind: "lost", why });
  }

  heard(): void {
    this.#hears();
    this.#happens({ kind: "heard" });
  }

  /** A push that cannot be read ends the link: whoever sends it is no server of ours. */
  push(name: string, payload: unknown): void {
    this.#hears();
    if (!Object.hasOwn(this.#takers, name)) return;
    try {
      this.#take(name as PushName, payload);
    } catch (error) {
      this.close(asKeyroomError(error));
    }
  }

  #hears(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  #take<N extends PushName>(name: N, payload: unknown): void {
    const takers: Takers = this.#takers;
    takers[name]?.(parsePush(name, payload));
  }

  #welcomed(session: Push<"session">): void {
    if (session.protocol < PROTOCOL_MINIMUM) {
      this.close(new KeyroomError("unsupported", "The server is too old for this client. Update the server."));
      return;
    }
    this.#session = session;
    this.#happens({ kind: "welcomed", session });
  }

  #dismissed(bye: Push<"bye">): void {
    const why = KeyroomError.fromWire(bye);
    // Nobody else has this client id: the newer connection is an attempt of its own that came late.
    if (bye.retryable || bye.code === "conflict")
      this.#happens({ kind: "bye", why, afterMs: Math.max(0, bye.afterMs) });
    else this.close(why);
  }

  #happens(event: LifeEvent): void {
    const now = this.#clock.monotonic();
    const [life, order, news] = step(this.#life, event, now, this.#wire);
    this.#life = life;
    // Before anything is done, as that may have something else happen.
    this.#cancelTimer();
    if ("until" in life) {
      const ms = Math.min(MAX_TIMER_MS, life.until - now);
      this.#cancelTimer = this.#clock.after(ms, () => this.#happens({ kind: "due" }));
      if (life.kind === "waiting") this.#wire.waitFor(ms);
    }
    if (order) this.#wire[order]();
    if (news) tell(this.#listener, news);
  }
}

/** A name and what belongs to it go together, which TypeScript sees in a generic function alone. */
function tell<N extends keyof News>(
  listener: Pick<LifeListener, keyof News>,
  [name, about]: readonly [N, News[N]],
): void {
  listener[name](about);
}
