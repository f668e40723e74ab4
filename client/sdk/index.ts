export { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
export type { Entry, KeyChange, Position, Role } from "../../protocol/fields.ts";
export type { Limits } from "../../protocol/limits.ts";
export { connect } from "./connect.ts";
export type { WatchEvent } from "./replica.ts";
export type {
  ConnectionState,
  ConnectOptions,
  HistoryOptions,
  ListOptions,
  Retry,
  Room,
  SavedPosition,
  Store,
  StoreEvents,
  Watch,
  Watcher,
  WatchListeners,
  WatchOptions,
  WatchState,
  WriteOptions,
} from "./types.ts";
