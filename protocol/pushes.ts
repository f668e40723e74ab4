/** What the server sends unasked. */
import * as v from "valibot";
import { Change, ClientId, Count, Position, Role } from "./fields.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS, type Limits } from "./limits.ts";
import { type Parser, parseReply } from "./parse.ts";
import { START, WATCHED, WatcherInfo } from "./watching.ts";

/** One that is added in a later version must be optional: older servers do not announce it. */
const limits = v.object(
  Object.fromEntries(Object.keys({ ...FIXED_LIMITS, ...DEFAULT_LIMITS }).map((name) => [name, v.number()])) as {
    [K in keyof Limits]: v.NumberSchema<undefined>;
  },
);

/** A text of which a newer server may know further values. */
function open(meaning: string) {
  return v.pipe(v.string(), v.description(`${meaning} Newer servers may say something else.`));
}

function push<S extends v.ObjectEntries>(summary: string, shape: S) {
  return { summary, payload: v.object(shape) };
}

export const PUSHES = {
  session: push("The first word on each connection: who the client is, and what holds here.", {
    user: v.string(),
    role: Role,
    room: v.string(),
    /** For the next sign-in, instead of the password. Secret. */
    token: v.string(),
    /** For the next connection, to go on with this session. */
    client: ClientId,
    /** Whether an earlier session goes on: its operation ids are still known. */
    resumed: v.boolean(),
    /** How long a session outlives its connection. */
    graceMs: v.number(),
    durability: open("What an acknowledgement means. `memory`: the change is lost when the server stops."),
    accounts: open("`password`, or `name`: a user is whoever holds the name, and the room goes when he leaves."),
    protocol: Count,
    limits,
  }),
  changes: push("What changed in a watched room since the last word; the position is the one after it.", {
    ...WATCHED,
    position: Position,
    /** Empty where only the position moved. */
    changes: v.array(Change),
  }),
  start: push("Where a watch begins, or after a gap begins again: each room of `*`, and each further page.", {
    ...WATCHED,
    position: Position,
    ...START,
  }),
  end: push("A watch, or one room of it, is over.", { ...WATCHED, reason: v.string() }),
  watchers: push("Who began and who ceased to watch the user's room; at most once a second.", {
    joined: v.array(WatcherInfo),
    left: v.array(v.string()),
  }),
  role: push("The user's role has changed.", { role: Role }),
  bye: push("The server is about to close this connection on purpose.", {
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
