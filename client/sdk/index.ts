export { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
export type { Entry, KeyChange, LockMode, Position, Role } from "../../protocol/fields.ts";
export type { Limits } from "../../protocol/limits.ts";
export { connect } from "./connect.ts";
export type { WatchEvent } from "./replica.ts";
export type {
  Changes,
  ClaimOptions,
  Condition,
  ConnectionState,
  ConnectOptions,
  HeldLock,
  HistoryOptions,
  HoldOptions,
  Lifetime,
  ListOptions,
  LockList,
  LockOptions,
  Retry,
  Room,
  SavedPosition,
  Step,
  Store,
  StoreEvents,
  Transaction,
  Watch,
  Watcher,
  WatchListeners,
  WatchOptions,
  WatchState,
  WriteOptions,
} from "./types.ts";
