export { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
export type { Entry, Position, Role } from "../../protocol/fields.ts";
export type { Limits } from "../../protocol/limits.ts";
export { connect } from "./connect.ts";
export type { WatchEvent } from "./replica.ts";
export type {
  ConnectionState,
  ConnectOptions,
  ListOptions,
  Retry,
  Room,
  SavedPosition,
  Store,
  StoreEvents,
  Watch,
  WatchListeners,
  WatchOptions,
  WatchState,
  WriteOptions,
} from "./types.ts";
