import { type ConnectOptions, connect as connectSdk, type Store } from "../sdk/index.ts";
import type { LinesOptions } from "./options.ts";

/** Connects, and does not try again: whoever types would rather hear why. */
export function dial(
  { url, connection, connect = connectSdk }: LinesOptions,
  identity: ConnectOptions,
): Promise<Store> {
  return connect(url, { ...connection, ...identity, retry: false });
}
