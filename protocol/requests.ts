/**
 * What a client may ask: each request's input and the value it is answered with.
 * The schemas are the source of the types, of the server's parser and of the API document.
 * Inputs are strict, so that a misspelt condition is an error and not an unconditional write;
 * answers may gain fields.
 */
import * as z from "zod/mini";
import {
  Entry,
  Key,
  OperationId,
  Passphrase,
  Position,
  Prefix,
  Revision,
  Role,
  RoomName,
  UserName,
  Value,
} from "./fields.ts";
import { FIXED_LIMITS } from "./limits.ts";
import { type Parser, parse } from "./parse.ts";

const room = z.optional(RoomName);
const op = z.optional(OperationId);
const ifRevision = z.optional(Revision);
const limit = z.optional(z.int().check(z.minimum(1), z.maximum(FIXED_LIMITS.pageEntries)));

function request<I extends z.core.$ZodLooseShape, O extends z.ZodMiniType>(summary: string, input: I, output: O) {
  return { summary, input: z.strictObject(input), output };
}

export const REQUESTS = {
  get: request("The entry at a key, or null.", { key: Key, room }, z.nullable(Entry)),
  put: request(
    "Sets a key's value.",
    { key: Key, value: Value, room, ifRevision, op },
    z.object({ revision: Revision, version: z.int() }),
  ),
  delete: request(
    "Deletes a key. The revision is null when nothing was there.",
    { key: Key, room, ifRevision, op },
    z.object({ revision: z.nullable(Revision), existed: z.boolean() }),
  ),
  list: request(
    "Entries in the order of their keys' UTF-8 bytes, a page at a time.",
    { room, prefix: z.optional(Prefix), after: z.optional(Prefix), limit },
    z.object({ entries: z.array(Entry), more: z.boolean(), position: Position }),
  ),
  status: request(
    "What became of a write. `never` is a promise: it will be refused should it still arrive.",
    { op: OperationId, room },
    z.discriminatedUnion("state", [
      z.object({ state: z.literal("committed"), revision: z.nullable(Revision) }),
      z.object({ state: z.literal("refused"), code: z.string() }),
      z.object({ state: z.literal("never") }),
      z.object({ state: z.literal("unknown") }),
    ]),
  ),
  upgrade: request("Makes the caller a manager.", { passphrase: z.optional(Passphrase) }, z.object({ role: Role })),
  promote: request("Makes another user a manager.", { user: UserName }, z.object({ role: Role })),
  demote: request("Makes a manager a guest; never the last one.", { user: UserName }, z.object({ role: Role })),
  rooms: request(
    "The users' rooms, in the order of their names' UTF-8 bytes, a page at a time.",
    { after: z.optional(z.string().check(z.maxLength(FIXED_LIMITS.nameCharacters))), limit },
    z.object({
      rooms: z.array(z.object({ room: z.string(), keys: z.int(), online: z.boolean() })),
      more: z.boolean(),
    }),
  ),
  logout: request("Ends the session and makes its token worthless.", {}, z.object({})),
} as const;

export type RequestName = keyof typeof REQUESTS;
export type Input<N extends RequestName> = Readonly<z.infer<(typeof REQUESTS)[N]["input"]>>;
export type Output<N extends RequestName> = Readonly<z.infer<(typeof REQUESTS)[N]["output"]>>;

/** The same schemas in a form in which TypeScript can follow a generic name. */
const PARSERS: { readonly [N in RequestName]: { input: Parser<Input<N>>; output: Parser<Output<N>> } } = REQUESTS;

/** @throws KeyroomError */
export function parseInput<N extends RequestName>(name: N, payload: unknown): Input<N> {
  return parse(PARSERS[name].input, name, payload);
}

/** @throws KeyroomError */
export function parseOutput<N extends RequestName>(name: N, value: unknown): Output<N> {
  return parse(PARSERS[name].output, `the answer to ${name}`, value);
}

export function isRequestName(value: unknown): value is RequestName {
  return typeof value === "string" && Object.hasOwn(REQUESTS, value);
}
