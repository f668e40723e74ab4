/** What the server sends unasked. */
import { Change, Count, LockMode, Position, Role } from "./fields.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS, type Limits } from "./limits.ts";
import { ChangeSeries } from "./series.ts";
import * as s from "./shape.ts";
import { LOCK_LIST, START, WATCHED, WatcherInfo } from "./watching.ts";

/** One that is added in a later version must be optional: older servers do not announce it. */
const limits = s.object(
  Object.fromEntries(Object.keys({ ...FIXED_LIMITS, ...DEFAULT_LIMITS }).map((name) => [name, s.number()])) as {
    [K in keyof Limits]: s.Shape<number>;
  },
);

export const PUSHES = {
  session: s.object({
    user: s.string(),
    role: Role,
    room: s.string(),
    /** For the next sign-in, instead of the password. Secret. */
    token: s.string(),
    /** For the next connection, to go on with this session. */
    client: s.string(),
    /** Whether an earlier session goes on: its operation ids are still known. */
    resumed: s.boolean(),
    /** How long a session outlives its connection. */
    graceMs: s.number(),
    /** What an acknowledgement means. `memory`: the change is lost when the server stops. Newer servers may say more. */
    durability: s.string(),
    /** `password`, or `name`: a user is whoever holds the name, and the room goes when he leaves. Likewise open. */
    accounts: s.string(),
    protocol: Count,
    limits,
  }),
  changes: s.object({
    ...WATCHED,
    position: Position,
    /** Empty where only the position moved. */
    changes: s.array(Change),
    /** Further changes, which may stand between those by their revisions; to clients that speak version 3. */
    series: s.optional(s.array(ChangeSeries)),
  }),
  start: s.object({
    ...WATCHED,
    position: Position,
    ...START,
  }),
  /** The answers to the next requests of a batch, in order, as in its acknowledgement; the rest follows. */
  answers: s.object({ batch: Count, answers: s.array(s.unknown()) }),
  end: s.object({
    ...WATCHED,
    reason: s.string(),
    /** Why, as an error's code; absent where the room was simply deleted. */
    code: s.optional(s.string()),
  }),
  watchers: s.object({
    joined: s.array(WatcherInfo),
    left: s.array(s.string()),
  }),
  /** What has become of locks, or of waits for them: one of these. */
  locks: s.object({
    room: s.string(),
    /** A request of this session waits, behind these users. */
    waiting: s.optional(s.object({ keys: s.array(s.string()), mode: LockMode, behind: s.array(s.string()) })),
    /** One that has waited is granted, as its answer says too. */
    granted: s.optional(s.object({ keys: s.array(s.string()), mode: LockMode, fence: Count })),
    /** This session has lost them: `lease` (it was over), `revoked` (it may not hold them any more), `deleted` (the room). */
    lost: s.optional(s.object({ keys: s.array(s.string()), reason: s.string(), message: s.string() })),
    /** To those who follow the room's locks: how things stand, some ten times a second at most. */
    list: s.optional(s.object(LOCK_LIST)),
  }),
  role: s.object({ role: Role }),
  bye: s.object({
    code: s.string(),
    message: s.string(),
    /** Whether connecting again makes sense. */
    retryable: s.boolean(),
    /** How long to wait before that. */
    afterMs: s.number(),
  }),
} as const satisfies Record<string, s.Shape>;

export type PushName = keyof typeof PUSHES;
export type Push<N extends PushName> = Readonly<s.Infer<(typeof PUSHES)[N]>>;

/** The same shapes in a form in which TypeScript can follow a generic name. */
const SHAPES: { readonly [N in PushName]: s.Shape<Push<N>> } = PUSHES;

/** @throws KeyroomError `internal` */
export function parsePush<N extends PushName>(name: N, payload: unknown): Push<N> {
  return s.read(SHAPES[name], name, payload);
}
