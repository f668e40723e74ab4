/** What a client may ask. The schemas of what each request takes and is answered with are in `inputs` and `outputs`. */

/**
 * `read`: may be asked again at any time. `write`: carries an operation id, by which the server runs it once and knows
 * its outcome. `act`: changes something and has no such id. Of the last two nobody can tell, when they were sent and not
 * answered, whether they have happened.
 */
type Effect = "read" | "write" | "act";

const EFFECTS = {
  get: "read",
  read: "read",
  put: "write",
  delete: "write",
  write: "write",
  transact: "write",
  list: "read",
  history: "read",
  status: "read",
  upgrade: "act",
  promote: "act",
  demote: "act",
  rooms: "read",
  watch: "read",
  unwatch: "read",
  watchers: "read",
  settle: "read",
  batch: "act",
  logout: "act",
} as const satisfies Record<string, Effect>;

export type RequestName = keyof typeof EFFECTS;

/** All of them. */
export const REQUEST_NAMES = Object.keys(EFFECTS) as readonly RequestName[];

export function isWrite(name: RequestName): boolean {
  return EFFECTS[name] !== "read";
}

export function takesOperationId(name: RequestName): boolean {
  return EFFECTS[name] === "write";
}

/**
 * Those that wait for nothing but their room, and so may travel in a `batch`. Not `history`, which may look at all of a
 * log: a batch of them would hold the server up.
 */
const BATCHED = [
  "get",
  "read",
  "put",
  "delete",
  "write",
  "transact",
  "list",
  "status",
  "settle",
] as const satisfies RequestName[];

export function isBatched(name: string): name is (typeof BATCHED)[number] {
  return (BATCHED as readonly string[]).includes(name);
}

export function isRequestName(value: unknown): value is RequestName {
  return typeof value === "string" && Object.hasOwn(EFFECTS, value);
}
