/** What the server sends unasked. */
import * as v from "valibot";
import { Change, Count, Position, Role } from "./fields.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS, type Limits } from "./limits.ts";
import { type Parser, parseReply } from "./parse.ts";
import { ChangeSeries } from "./series.ts";
import { START, WATCHED, WatcherInfo } from "./watching.ts";

/** One that is added in a later version must be optional: older servers do not announce it. */
const limits = v.object(
  Object.fromEntries(Object.keys({ ...FIXED_LIMITS, ...DEFAULT_LIMITS }).map((name) => [name, v.number()])) as {
    [K in keyof Limits]: v.NumberSchema<undefined>;
  },
);

function push<S extends v.ObjectEntries>(shape: S) {
  return { payload: v.object(shape) };
}

export const PUSHES = {
  session: push({
    user: v.string(),
    role: Role,
    room: v.string(),
    /** For the next sign-in, instead of the password. Secret. */
    token: v.string(),
    /** For the next connection, to go on with this session. */
    client: v.string(),
    /** Whether an earlier session goes on: its operation ids are still known. */
    resumed: v.boolean(),
    /** How long a session outlives its connection. */
    graceMs: v.number(),
    /** What an acknowledgement means. `memory`: the change is lost when the server stops. Newer servers may say more. */
    durability: v.string(),
    /** `password`, or `name`: a user is whoever holds the name, and the room goes when he leaves. Likewise open. */
    accounts: v.string(),
    protocol: Count,
    limits,
  }),
  changes: push({
    ...WATCHED,
    position: Position,
    /** Empty where only the position moved. */
    changes: v.array(Change),
    /** Further changes, which may stand between those by their revisions; to clients that speak version 3. */
    series: v.optional(v.array(ChangeSeries)),
  }),
  start: push({
    ...WATCHED,
    position: Position,
    ...START,
  }),
  /** The answers to the next requests of a batch, in order, as in its acknowledgement; the rest follows. */
  answers: push({ batch: Count, answers: v.array(v.unknown()) }),
  end: push({
    ...WATCHED,
    reason: v.string(),
    /** Why, as an error's code; absent where the room was simply deleted. */
    code: v.optional(v.string()),
  }),
  watchers: push({
    joined: v.array(WatcherInfo),
    left: v.array(v.string()),
  }),
  role: push({ role: Role }),
  bye: push({
    code: v.string(),
    message: v.string(),
    /** Whether connecting again makes sense. */
    retryable: v.boolean(),
    /** How long to wait before that. */
    afterMs: v.number(),
  }),
} as const;

export type PushName = keyof typeof PUSHES;
export type Push<N extends PushName> = Readonly<v.InferOutput<(typeof PUSHES)[N]["payload"]>>;

/** The same schemas in a form in which TypeScript can follow a generic name. */
const PARSERS: { readonly [N in PushName]: { readonly payload: Parser<Push<N>> } } = PUSHES;

/** @throws KeyroomError `internal` */
export function parsePush<N extends PushName>(name: N, payload: unknown): Push<N> {
  return parseReply(PARSERS[name].payload, name, payload);
}
