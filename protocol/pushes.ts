/** What the server sends unasked. */
import * as z from "zod/mini";
import { ClientId, Role } from "./fields.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "./limits.ts";

const LIMIT_NAMES = { ...FIXED_LIMITS, ...DEFAULT_LIMITS };
const limits = Object.fromEntries(Object.keys(LIMIT_NAMES).map((name) => [name, z.number()])) as Record<
  keyof typeof LIMIT_NAMES,
  z.ZodMiniNumber
>;

function push<S extends z.core.$ZodLooseShape>(summary: string, shape: S) {
  return { summary, payload: z.object(shape) };
}

export const PUSHES = {
  session: push("The first word on each connection: who the client is, and what holds here.", {
    user: z.string(),
    role: Role,
    room: z.string(),
    /** For the next sign-in, instead of the password. Secret. */
    token: z.string(),
    /** For the next connection, to go on with this session. */
    client: ClientId,
    /** Whether an earlier session goes on: its operation ids are still known. */
    resumed: z.boolean(),
    /** How long a session outlives its connection. */
    graceMs: z.number(),
    /** What an acknowledgement means: `memory`, the change is lost when the server stops. */
    durability: z.enum(["memory"]),
    /** `password`, or `name`: a user is whoever holds the name, and the room goes when he leaves. */
    accounts: z.enum(["password", "name"]),
    protocol: z.int(),
    limits: z.object(limits),
  }),
  role: push("The user's role has changed.", { role: Role }),
  bye: push("The server is about to close this connection on purpose.", {
    code: z.string(),
    message: z.string(),
    /** Whether connecting again makes sense. */
    retryable: z.boolean(),
    /** How long to wait before that. */
    afterMs: z.number(),
  }),
} as const;

export type PushName = keyof typeof PUSHES;
export type Push<N extends PushName> = Readonly<z.infer<(typeof PUSHES)[N]["payload"]>>;
