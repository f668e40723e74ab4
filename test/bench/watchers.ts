import * as v from "valibot";
import { Child } from "./child.ts";

export interface WatchersOptions {
  /** `sdk`: with the SDK. `keyroom`: plain sockets. `bare`: plain sockets on the bare server. */
  readonly kind: "sdk" | "keyroom" | "bare";
  readonly url: string;
  /** Of which user; he is there already. The bare server has but one. */
  readonly room: string;
  /** @default 1 */
  readonly count?: number;
  /** After how many changes to each of them they report. @default never */
  readonly changes?: number;
}

/** Watchers of a room in a process of their own. They say hello when all of them watch. */
export interface Watchers {
  /** When all have had the next so many changes, by `machineMs`. To be called before they can have come. */
  all(): Promise<number>;
  stop(): void;
}

export async function startWatchers(options: WatchersOptions): Promise<Watchers> {
  const { kind, url, room, count = 1, changes = 0 } = options;
  const child = new Child("watchers-process", kind, url, room, `${count}`, `${changes}`);
  await child.next(v.literal("watching"));
  return {
    all: async () => (await child.next(v.object({ at: v.number() }))).at,
    stop: () => child.stop(),
  };
}
