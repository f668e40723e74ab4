/**
 * What a client may ask: each request's input and the value it is answered with.
 * The schemas are the source of the types, of the server's parser and of the API document.
 * Inputs are strict, so that a misspelt condition is an error and not an unconditional write;
 * answers may gain fields.
 */
import * as v from "valibot";
import {
  After,
  Count,
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
import { type Parser, parse, parseReply } from "./parse.ts";
import { START, WatcherInfo } from "./watching.ts";

const room = v.optional(RoomName);
const op = v.optional(OperationId);
const ifRevision = v.optional(Revision);
const limit = v.optional(v.pipe(Count, v.minValue(1), v.maxValue(FIXED_LIMITS.pageEntries)));

/** A `read` may be asked again at any time; a `write` that was sent and not answered may or may not have happened. */
type Effect = "read" | "write";

function request<I extends v.ObjectEntries, O extends v.GenericSchema>(effect: Effect, input: I, output: O) {
  return { effect, input: v.strictObject(input), output };
}

export const REQUESTS = {
  get: request("read", { key: Key, room }, v.nullable(Entry)),
  put: request(
    "write",
    { key: Key, value: Value, room, ifRevision, op },
    v.object({ revision: Revision, version: Count }),
  ),
  delete: request(
    "write",
    { key: Key, room, ifRevision, op },
    v.object({ revision: v.nullable(Revision), existed: v.boolean() }),
  ),
  list: request(
    "read",
    { room, prefix: v.optional(Prefix), after: v.optional(After), limit },
    v.object({ entries: v.array(Entry), more: v.boolean(), position: Position }),
  ),
  status: request(
    "read",
    { op: OperationId, room },
    v.variant("state", [
      v.object({ state: v.literal("committed"), revision: v.nullable(Revision) }),
      v.object({ state: v.literal("refused"), code: v.string() }),
      v.object({ state: v.literal("never") }),
      v.object({ state: v.literal("unknown") }),
    ]),
  ),
  upgrade: request("write", { passphrase: v.optional(Passphrase) }, v.object({ role: Role })),
  promote: request("write", { user: UserName }, v.object({ role: Role })),
  demote: request("write", { user: UserName }, v.object({ role: Role })),
  rooms: request(
    "read",
    { after: v.optional(v.pipe(v.string(), v.maxLength(FIXED_LIMITS.nameCharacters))), limit },
    v.object({
      rooms: v.array(v.object({ room: v.string(), keys: Count, online: v.boolean() })),
      more: v.boolean(),
    }),
  ),
  watch: request(
    "read",
    {
      room,
      key: v.optional(Key),
      prefix: v.optional(Prefix),
      from: v.optional(v.union([Position, v.record(RoomName, Position)])),
      /** Tells several watches of one question on one connection apart; asked again with the same, it begins anew. */
      copy: v.optional(v.pipe(Count, v.minValue(1), v.maxValue(1000))),
    },
    v.object({ watch: v.string(), position: v.optional(Position), ...START }),
  ),
  unwatch: request("read", { watch: v.pipe(v.string(), v.maxLength(64)) }, v.object({})),
  watchers: request("read", {}, v.object({ watchers: v.array(WatcherInfo) })),
  logout: request("write", {}, v.object({})),
} as const;

export type RequestName = keyof typeof REQUESTS;
export type Input<N extends RequestName> = Readonly<v.InferOutput<(typeof REQUESTS)[N]["input"]>>;
export type Output<N extends RequestName> = Readonly<v.InferOutput<(typeof REQUESTS)[N]["output"]>>;

/** The same schemas in a form in which TypeScript can follow a generic name. */
const PARSERS: { readonly [N in RequestName]: { input: Parser<Input<N>>; output: Parser<Output<N>> } } = REQUESTS;

/** @throws KeyroomError */
export function parseInput<N extends RequestName>(name: N, payload: unknown): Input<N> {
  return parse(PARSERS[name].input, name, payload);
}

/** @throws KeyroomError `internal` */
export function parseOutput<N extends RequestName>(name: N, value: unknown): Output<N> {
  return parseReply(PARSERS[name].output, `the answer to ${name}`, value);
}

export function isWrite(name: RequestName): boolean {
  return REQUESTS[name].effect === "write";
}

/** Whether it is a write that can carry an operation id, by which the server runs it once and knows its outcome. */
export function takesOperationId(name: RequestName): boolean {
  return isWrite(name) && Object.hasOwn(REQUESTS[name].input.entries, "op");
}

export function isRequestName(value: unknown): value is RequestName {
  return typeof value === "string" && Object.hasOwn(REQUESTS, value);
}
