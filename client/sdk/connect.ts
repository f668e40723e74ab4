import { systemClock } from "./clock.ts";
import { checkOptions } from "./options.ts";
import { socketIoWire } from "./socket-io-wire.ts";
import { RemoteStore } from "./store.ts";
import type { ConnectOptions, Store } from "./types.ts";

/**
 * Signs in to a server, like `http://127.0.0.1:3000`.
 *
 * @throws KeyroomError `unauthenticated`, `name_taken` and other refusals; `unavailable` when the server cannot be
 * reached by the deadline, or at the first try with `retry: false`
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Store> {
  checkOptions(url, options);
  const store = new RemoteStore(url, options, socketIoWire(url, options), systemClock);
  await store.open(options.deadlineMs);
  return store;
}
