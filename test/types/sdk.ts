/** What the SDK's types promise, checked by the compiler alone: a broken promise is a type error here. */
import type {
  Changes,
  connect,
  Entry,
  ErrorCode,
  KeyChange,
  KeyroomError,
  ListOptions,
  LockList,
  LockMode,
  LockOptions,
  Position,
  Retry,
  Role,
  Room,
  Store,
  Transaction,
  Watch,
  Watcher,
  WatchOptions,
  WriteOptions,
} from "../../client/sdk/index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Takes nothing but a list of true statements. */
type Holds<_Statements extends readonly true[]> = true;
type Accepts<Parameter, Value> = Value extends Parameter ? true : false;
type Not<Statement extends boolean> = Statement extends true ? false : true;
type Result<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;

export type Answers = Holds<
  [
    Equal<Result<typeof connect>, Store>,
    Equal<Result<Room["get"]>, Entry | null>,
    Equal<Result<Room["put"]>["revision"], number>,
    Equal<Result<Room["delete"]>["revision"], number | null>,
    Equal<Result<Room["delete"]>["existed"], boolean>,
    Accepts<Entry, Result<Room["read"]>["entries"][number]>,
    Equal<Result<Room["read"]>["revision"], number>,
    Equal<Result<Room["write"]>["revision"], number | null>,
    Equal<Result<Room["transact"]>["succeeded"], boolean>,
    Accepts<NonNullable<Result<Room["transact"]>["results"]>[number], Entry | null>,
    Accepts<Result<Room["transact"]>["results"], null>,
    Equal<Result<Room["update"]>, Result<Room["put"]>>,
    Equal<Result<Room["list"]>["entries"][number]["value"], string>,
    Equal<Result<Room["list"]>["position"]["epoch"], Position["epoch"]>,
    Equal<Result<Room["history"]>["changes"][number]["value"], KeyChange["value"]>,
    Equal<KeyChange["value"], string | null>,
    Equal<Result<Room["lock"]>["fence"], number>,
    Equal<Result<Room["unlock"]>, void>,
    Equal<Result<Room["locks"]>, LockList>,
    Equal<LockList["holders"][number]["mode"], LockMode>,
    Equal<Result<Room["touch"]>["expiresAt"], number | null>,
    Equal<Result<Store["ping"]>, number>,
    Equal<Result<Store["watchers"]>, readonly Watcher[]>,
    Equal<Store["retry"], Retry | null>,
    Equal<Result<Store["upgrade"]>, Role>,
    Equal<Result<Store["outcome"]>["state"], "committed" | "refused" | "never" | "unknown">,
    Equal<ReturnType<Store["room"]>, Room>,
    Equal<Role, "guest" | "manager">,
    Equal<KeyroomError["code"], ErrorCode>,
    Equal<KeyroomError["op"], string | undefined>,
  ]
>;

export type Calls = Holds<
  [
    Equal<keyof NonNullable<Parameters<Room["get"]>[1]>, "revision">,
    Not<Accepts<Parameters<Room["put"]>[1], number>>,
    Not<Accepts<Parameters<Room["put"]>[1], undefined>>,
    Equal<keyof WriteOptions, "ifRevision" | "fence" | "waitMs">,
    Equal<keyof LockOptions, "mode" | "waitMs" | "leaseMs">,
    Accepts<Parameters<Room["put"]>[2], { ttlMs: 1; ephemeral: true; fence: 1; waitMs: 0; ifRevision: 0 }>,
    Accepts<Changes, { puts: [{ key: "a"; value: ""; ttlMs: 1 }] }>,
    Accepts<Transaction, { then: [{ put: "a"; value: ""; ephemeral: true }] }>,
    // A read takes no fence, and nothing but a read and a write keeps its locks.
    Equal<keyof NonNullable<Parameters<Room["read"]>[1]>, "waitMs" | "hold" | "leaseMs">,
    Equal<keyof NonNullable<Parameters<Room["write"]>[1]>, "fence" | "waitMs" | "hold" | "leaseMs">,
    Equal<keyof NonNullable<Parameters<Room["transact"]>[1]>, "fence" | "waitMs">,
    Accepts<Parameters<Room["touch"]>[1], null>,
    Equal<keyof ListOptions, "prefix" | "after" | "limit">,
    Accepts<Changes, { puts: readonly [{ key: "a"; value: "" }]; if: readonly [{ key: "a"; absent: true }] }>,
    Accepts<Changes, { deletes: ["a"]; if: [{ key: "a"; equals: "" }, { key: "a"; revision: 1 }] }>,
    Not<Accepts<Changes, { deletes: ["a"]; if: [{ key: "a" }] }>>,
    Not<Accepts<Changes, { deletes: ["a"]; if: [{ key: "a"; absent: false }] }>>,
    Accepts<Transaction, { then: [{ get: "a" }, { put: "a"; value: "" }, { delete: "a" }] }>,
    Not<Accepts<Transaction, { then: [{ put: "a" }] }>>,
    Not<Accepts<Parameters<Store["on"]>[0], "change">>,
    // A room is a store without an account: whoever takes a room can be given a store.
    Accepts<Room, Store>,
    Not<Accepts<Store, Room>>,
  ]
>;

export type Watching = Holds<
  [
    Accepts<WatchOptions, { key: "a"; from: Position }>,
    Accepts<WatchOptions, { prefix: "a"; entries: true }>,
    // What was there at the saved position is not known.
    Not<Accepts<WatchOptions, { from: Position; entries: true }>>,
    Equal<Watch["entries"], ReadonlyMap<string, Entry>>,
    Not<Accepts<Watch["entries"], undefined>>,
  ]
>;

/** What comes from the server is not for the program to change. */
type ReadonlyKeys<T> = { [K in keyof T]-?: Equal<Pick<T, K>, Readonly<Pick<T, K>>> extends true ? K : never }[keyof T];

export type Untouchable = Holds<
  [
    Equal<ReadonlyKeys<Entry>, keyof Entry>,
    Equal<ReadonlyKeys<Position>, keyof Position>,
    Equal<ReadonlyKeys<Store["session"]>, keyof Store["session"]>,
    Equal<ReadonlyKeys<Pick<Store, "session" | "state">>, "session" | "state">,
  ]
>;
