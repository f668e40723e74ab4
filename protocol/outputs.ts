/** What each request is answered with. Answers may gain fields in later versions. */
import { Count, Entry, KeyChange, Position, Revision, Role, Timestamp } from "./fields.ts";
import type { RequestName } from "./requests.ts";
import * as s from "./shape.ts";
import { LOCK_LIST, START, WatcherInfo } from "./watching.ts";

const PUT = s.object({ revision: Revision, version: Count });
const DELETED = s.object({ revision: s.nullable(Revision), existed: s.boolean() });

export const OUTPUTS = {
  get: s.nullable(Entry),
  /** The entries of those keys that are there, in the order in which they were asked for. */
  read: s.object({
    entries: s.array(Entry),
    revision: Revision,
    /** With `hold`. */
    fence: s.optional(Count),
  }),
  put: PUT,
  delete: DELETED,
  /** Null where nothing that was to be deleted was there. */
  write: s.object({
    revision: s.nullable(Revision),
    /** With `hold`. */
    fence: s.optional(Count),
  }),
  transact: s.object({
    /** Whether the conditions held. */
    succeeded: s.boolean(),
    /** Null where nothing was changed. */
    revision: s.nullable(Revision),
    /** Of each step what a request of its kind is answered with; null in the answer to a repeat. */
    results: s.nullable(s.array(s.union([s.nullable(Entry), PUT, DELETED]))),
  }),
  /** Null where that commit changed nothing that could be taken back. */
  undo: s.object({ revision: s.nullable(Revision) }),
  /** Null where it does not go by itself. */
  touch: s.object({ existed: s.boolean(), expiresAt: s.nullable(Timestamp) }),
  lock: s.object({ fence: Count }),
  unlock: s.object({}),
  locks: s.object(LOCK_LIST),
  list: s.object({ entries: s.array(Entry), more: s.boolean(), position: Position }),
  history: s.object({
    /** Newest first. */
    changes: s.array(KeyChange),
    /** Whether the log has older ones. */
    more: s.boolean(),
    /** The log has all that happened from this revision on; above 1, there may have been older changes. */
    reaches: Revision,
    /** Where the room stood. */
    position: Position,
  }),
  status: s.union([
    s.object({ state: s.literal("committed"), revision: s.nullable(Revision) }),
    s.object({ state: s.literal("refused"), code: s.string() }),
    s.object({ state: s.literal("never") }),
    s.object({ state: s.literal("unknown") }),
  ]),
  upgrade: s.object({ role: Role }),
  promote: s.object({ role: Role }),
  demote: s.object({ role: Role }),
  rooms: s.object({
    /** The role is the owner's; it is absent where nobody owns the room, or the server is an older one. */
    rooms: s.array(s.object({ room: s.string(), keys: Count, online: s.boolean(), role: s.optional(Role) })),
    more: s.boolean(),
  }),
  watch: s.object({ watch: s.string(), position: s.optional(Position), ...START }),
  unwatch: s.object({}),
  watchers: s.object({ watchers: s.array(WatcherInfo) }),
  settle: s.object({}),
  /** To clients that speak version 3, puts in a row are answered by one `{ok: true, revision, versions}`: see `series`. */
  batch: s.object({ answers: s.array(s.unknown()) }),
  logout: s.object({}),
} as const satisfies Record<RequestName, s.Shape>;

export type Output<N extends RequestName> = Readonly<s.Infer<(typeof OUTPUTS)[N]>>;

/** The same shapes in a form in which TypeScript can follow a generic name. */
const SHAPES: { readonly [N in RequestName]: s.Shape<Output<N>> } = OUTPUTS;

/** @throws KeyroomError `internal` */
export function parseOutput<N extends RequestName>(name: N, value: unknown): Output<N> {
  return s.read(SHAPES[name], `the answer to ${name}`, value);
}
