/** What each request is answered with. Answers may gain fields in later versions. */
import * as v from "valibot";
import { Count, Entry, KeyChange, Position, Revision, Role } from "./fields.ts";
import { type Parser, parseReply } from "./parse.ts";
import type { RequestName } from "./requests.ts";
import { START, WatcherInfo } from "./watching.ts";

const PUT = v.object({ revision: Revision, version: Count });
const DELETED = v.object({ revision: v.nullable(Revision), existed: v.boolean() });

export const OUTPUTS = {
  get: v.nullable(Entry),
  /** The entries of those keys that are there, in the order in which they were asked for. */
  read: v.object({ entries: v.array(Entry), revision: Revision }),
  put: PUT,
  delete: DELETED,
  /** Null where nothing that was to be deleted was there. */
  write: v.object({ revision: v.nullable(Revision) }),
  transact: v.object({
    /** Whether the conditions held. */
    succeeded: v.boolean(),
    /** Null where nothing was changed. */
    revision: v.nullable(Revision),
    /** Of each step what a request of its kind is answered with; null in the answer to a repeat. */
    results: v.nullable(v.array(v.union([v.nullable(Entry), PUT, DELETED]))),
  }),
  list: v.object({ entries: v.array(Entry), more: v.boolean(), position: Position }),
  history: v.object({
    /** Newest first. */
    changes: v.array(KeyChange),
    /** Whether the log has older ones. */
    more: v.boolean(),
    /** The log has all that happened from this revision on; above 1, there may have been older changes. */
    reaches: Revision,
    /** Where the room stood. */
    position: Position,
  }),
  status: v.union([
    v.object({ state: v.literal("committed"), revision: v.nullable(Revision) }),
    v.object({ state: v.literal("refused"), code: v.string() }),
    v.object({ state: v.literal("never") }),
    v.object({ state: v.literal("unknown") }),
  ]),
  upgrade: v.object({ role: Role }),
  promote: v.object({ role: Role }),
  demote: v.object({ role: Role }),
  rooms: v.object({
    rooms: v.array(v.object({ room: v.string(), keys: Count, online: v.boolean() })),
    more: v.boolean(),
  }),
  watch: v.object({ watch: v.string(), position: v.optional(Position), ...START }),
  unwatch: v.object({}),
  watchers: v.object({ watchers: v.array(WatcherInfo) }),
  settle: v.object({}),
  /** To clients that speak version 3, puts in a row are answered by one `{ok: true, revision, versions}`: see `series`. */
  batch: v.object({ answers: v.array(v.unknown()) }),
  logout: v.object({}),
} as const satisfies Record<RequestName, v.GenericSchema>;

export type Output<N extends RequestName> = Readonly<v.InferOutput<(typeof OUTPUTS)[N]>>;

/** The same schemas in a form in which TypeScript can follow a generic name. */
const PARSERS: { readonly [N in RequestName]: Parser<Output<N>> } = OUTPUTS;

/** @throws KeyroomError `internal` */
export function parseOutput<N extends RequestName>(name: N, value: unknown): Output<N> {
  return parseReply(PARSERS[name], `the answer to ${name}`, value);
}
