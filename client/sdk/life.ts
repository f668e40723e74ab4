/**
 * The life of a connection, as a pure function of what happens and of the time.
 *
 *                            ┌───────────heard────────────┐
 *                            ▼                            │
 *     connecting ──session──▶ connected ──nothing heard──▶ stale ──nothing heard──▶ the wire drops it: lost
 *       ▲     │                │     │                    │   │
 *      due    │ lost, refused  │ lost└──bye──▶ dismissed ◀────┘ bye
 *       │     ▼                ▼                  │       │ lost
 *       waiting ◀──────────────┴──────────────────┴───────┘
 *
 *     once (connecting, where one attempt is all that is wanted): a session, or closed
 *     closed: from everywhere, by `close` or a refusal for good
 *
 * How long to wait is decided here, so that it can be told. A wire that lost its transport waits as long by itself and
 * tries again; after a refusal nobody but this machine has it connect.
 */
import type { KeyroomError } from "../../protocol/errors.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Wire } from "./wire.ts";

/** `until`: ms by the clock, at which `due` happens. `attempts`: since the last connection, with the next or present one. */
export type Life =
  | { readonly kind: "once" }
  | { readonly kind: "connecting"; readonly attempts: number }
  | { readonly kind: "connected"; readonly until: number }
  /** The server has not been heard for longer than its heartbeat promises. */
  | { readonly kind: "stale"; readonly until: number }
  /** The server is about to close the connection. */
  | { readonly kind: "dismissed"; readonly bye: On<"bye">; readonly attempts: number; readonly until: number }
  | { readonly kind: "waiting"; readonly attempts: number; readonly until: number }
  | { readonly kind: "closed" };

export type LifeEvent =
  | { readonly kind: "welcomed"; readonly session: Push<"session"> }
  /** The server's heartbeat came. */
  | { readonly kind: "heard" }
  | { readonly kind: "bye"; readonly why: KeyroomError; readonly afterMs: number }
  /** There is no connection: it broke, or none came about. */
  | { readonly kind: "lost"; readonly why: KeyroomError }
  | { readonly kind: "refused"; readonly why: KeyroomError }
  | { readonly kind: "due" }
  | { readonly kind: "close"; readonly why: KeyroomError };

/** What there may be to tell, and what belongs to it. */
export interface News {
  /** Signed in, for the first time or again. */
  session: Push<"session">;
  /** Nothing has come for too long; it may still come. Says so in a sentence. */
  silent: string;
  /** It came. */
  heard: undefined;
  /** Not connected any more or not yet, and still trying. */
  waiting: KeyroomError;
  /** Closed for good. */
  closed: KeyroomError;
}

type Order = "connect" | "drop" | "close";
type Told = { readonly [N in keyof News]: readonly [name: N, about: News[N]] }[keyof News];

/** The next state, what the wire is to do, and what there is to tell. */
export type Step = readonly [life: Life, order?: Order | null, news?: Told];

type In<K extends Life["kind"]> = Extract<Life, { kind: K }>;
type On<K extends LifeEvent["kind"]> = Extract<LifeEvent, { kind: K }>;
type Times = Pick<Wire, "patienceMs" | "backoffMs">;
type Cell<L extends Life, E extends LifeEvent> = (life: L, event: E, now: number, wire: Times) => Step;
type Table = { readonly [L in Life["kind"]]: { readonly [E in LifeEvent["kind"]]: Cell<In<L>, On<E>> } };

/** Ms after which a transport that is still silent is given up. */
const DROP_MS = 2_000;

export function step(life: Life, event: LifeEvent, now: number, wire: Times): Step {
  // The table's type says that each cell takes its own row and column; that they fit here is how it is looked up.
  const cell = TABLE[life.kind][event.kind] as Cell<Life, LifeEvent>;
  return cell(life, event, now, wire);
}

const stay = (life: Life): Step => [life];

const listening = (now: number, wire: Times): Life => ({ kind: "connected", until: now + wire.patienceMs });

const greet: Cell<Life, On<"welcomed">> = (_, { session }, now, wire) => [
  listening(now, wire),
  null,
  ["session", session],
];

const listen: Cell<Life, On<"heard">> = (_, _event, now, wire) => [listening(now, wire)];

const revive: Cell<Life, On<"heard">> = (_, _event, now, wire) => [listening(now, wire), null, ["heard", undefined]];

const doubt: Cell<Life, On<"due">> = (_, _event, now, wire) => {
  const why = `No word from the server for ${Math.floor(wire.patienceMs / 1_000)} s.`;
  return [{ kind: "stale", until: now + DROP_MS }, null, ["silent", why]];
};

const drop: Cell<In<"stale" | "dismissed">, On<"due">> = (life, _, now) => [{ ...life, until: now + DROP_MS }, "drop"];

const dismiss: Cell<Life, On<"bye">> = (life, bye, now, wire) => [
  { kind: "dismissed", bye, attempts: attemptsOf(life), until: now + wire.patienceMs },
];

const leave: Cell<In<"dismissed">, On<"lost">> = ({ bye, attempts }, _, now, wire) =>
  rest(attempts, bye.why, now + bye.afterMs, wire);

const lose: Cell<Life, On<"lost">> = (life, { why }, now, wire) => rest(attemptsOf(life), why, now, wire);

const refuse: Cell<Life, On<"refused">> = (life, event, now, wire) =>
  event.why.retryable ? rest(attemptsOf(life), event.why, now, wire) : end(life, event);

const reconnect: Cell<In<"waiting">, On<"due">> = ({ attempts }) => [{ kind: "connecting", attempts }, "connect"];

const end = (_: Life, { why }: { readonly why: KeyroomError }): Step => [{ kind: "closed" }, "close", ["closed", why]];

const rest = (attempts: number, why: KeyroomError, now: number, wire: Times): Step => [
  { kind: "waiting", attempts: attempts + 1, until: now + wire.backoffMs(attempts) },
  null,
  ["waiting", why],
];

const attemptsOf = (life: Life): number => ("attempts" in life ? life.attempts : 0);

const TABLE: Table = {
  once: { welcomed: greet, heard: stay, bye: end, lost: end, refused: end, due: stay, close: end },
  connecting: { welcomed: greet, heard: stay, bye: dismiss, lost: lose, refused: refuse, due: stay, close: end },
  connected: { welcomed: greet, heard: listen, bye: dismiss, lost: lose, refused: refuse, due: doubt, close: end },
  stale: { welcomed: greet, heard: revive, bye: dismiss, lost: lose, refused: refuse, due: drop, close: end },
  dismissed: { welcomed: greet, heard: stay, bye: dismiss, lost: leave, refused: refuse, due: drop, close: end },
  waiting: { welcomed: greet, heard: stay, bye: stay, lost: stay, refused: refuse, due: reconnect, close: end },
  closed: { welcomed: stay, heard: stay, bye: stay, lost: stay, refused: stay, due: stay, close: stay },
};
