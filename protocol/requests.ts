/** What a client may ask. The schemas of what each request takes and is answered with are in `inputs` and `outputs`. */

/**
 * `read`: may be asked again at any time, and waits for nothing but its room, of which it looks at a page at most. `ask`:
 * may be asked again, but may take long or be about more than a room. `write`: carries an operation id, by which the
 * server runs it once and knows its outcome. `claim`: likewise, but may wait for others. `act`: changes something and has no such id. Of the last two nobody can
 * tell, when they were sent and not answered, whether they have happened.
 */
type Effect = "read" | "ask" | "write" | "claim" | "act";

const EFFECTS = {
  get: "read",
  read: "read",
  put: "write",
  delete: "write",
  write: "write",
  transact: "write",
  undo: "write",
  touch: "write",
  lock: "claim",
  unlock: "write",
  locks: "ask",
  list: "read",
  history: "ask",
  status: "read",
  upgrade: "act",
  promote: "act",
  demote: "act",
  rooms: "ask",
  watch: "ask",
  unwatch: "ask",
  watchers: "ask",
  settle: "read",
  batch: "act",
  logout: "act",
} as const satisfies Record<string, Effect>;

export type RequestName = keyof typeof EFFECTS;

/** All of them. */
export const REQUEST_NAMES = /* @__PURE__ */ Object.keys(EFFECTS) as readonly RequestName[];

export function isWrite(name: RequestName): boolean {
  return EFFECTS[name] === "act" || takesOperationId(name);
}

export function takesOperationId(name: RequestName): boolean {
  return EFFECTS[name] === "write" || EFFECTS[name] === "claim";
}

/** Whether it may travel in a `batch`, unless it says how long it may wait: not what would hold the others up. */
export function isBatched(name: RequestName): boolean {
  return EFFECTS[name] === "read" || EFFECTS[name] === "write";
}

export function isRequestName(value: unknown): value is RequestName {
  return typeof value === "string" && Object.hasOwn(EFFECTS, value);
}
