/** The SDK's watches whose server is the test. */
import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { Watch, WatchOptions } from "../../client/sdk/types.ts";
import { Watches } from "../../client/sdk/watches.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Change, Entry, Position } from "../../protocol/fields.ts";
import { ManualClock } from "./manual-clock.ts";

export const CLOSED = new KeyroomError("unavailable", "Closed.");

export function at(revision: number, epoch = "e"): Position {
  return { epoch, revision, tag: revision };
}

export function entry(key: string, revision: number, value = String(revision)): Entry {
  return { key, value, revision, version: 1, updatedAt: 5, updatedBy: "ann" };
}

export function change(revision: number, key = "a", value?: string): Change {
  return { revision, tag: revision, at: 5, by: "ann", puts: [entry(key, revision, value)], deletes: [] };
}

interface Sent {
  readonly name: string;
  readonly payload: unknown;
  readonly answer: (value: object) => void;
  readonly refuse: (code: string, retryable?: boolean) => void;
}

export function setUp(isConnected = true) {
  const sent: Sent[] = [];
  const clock = new ManualClock();
  const watches = new Watches((name, payload, answered) => {
    sent.push({
      name,
      payload,
      answer: (value) => answered({ ok: true, value }),
      refuse: (code, retryable = false) => answered({ ok: false, error: { code, message: "No.", retryable } }),
    });
  }, clock);
  if (isConnected) watches.connected();
  const open = (options: WatchOptions = {}, room = "ann"): Watch => watches.open(room, options);
  const push = (revision: number, ...changes: readonly Change[]): void =>
    watches.changed({ watch: "w", room: "ann", position: at(revision), changes: [...changes] });
  const end = (room: string, code?: string): void =>
    watches.ended({ watch: "w", room, reason: "Gone.", ...(code === undefined ? {} : { code }) });
  const last = (): Sent => sent.at(-1) as Sent;
  return { clock, end, last, open, push, sent, watches };
}

/** A watch that is live at a snapshot of revision 1, its states, and what its listener heard. */
export function live(options: WatchOptions = {}) {
  const rig = setUp();
  const watch = rig.open(options);
  const heard: WatchEvent[] = [];
  const states: string[] = [];
  watch.on("event", (event) => void heard.push(event));
  watch.on("state", (state) => void states.push(state));
  rig.last().answer({ watch: "w", position: at(1), snapshot: [entry("a", 1)] });
  return { ...rig, heard, states, watch };
}

/** A watch of all rooms with Ann's and Bob's begun, its states with their reasons, and what its listener heard. */
export function liveOfAll(options: WatchOptions = {}) {
  const rig = setUp();
  const watch = rig.open(options, "*");
  const heard: WatchEvent[] = [];
  const states: (readonly [string, string])[] = [];
  watch.on("event", (event) => void heard.push(event));
  watch.on("state", (state, why) => void states.push([state, why]));
  rig.last().answer({ watch: "w" });
  for (const room of ["ann", "bob"]) {
    rig.watches.started({ watch: "w", room, position: at(1), snapshot: [entry("a", 1)] });
  }
  return { ...rig, heard, states, watch };
}

export async function take(events: AsyncIterator<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) throw new Error(`It ended after ${taken.length} events.`);
    taken.push(value);
  }
  return taken;
}

export function revisionsOf(events: readonly WatchEvent[]): number[] {
  return events.map((event) => (event.kind === "end" ? 0 : event.position.revision));
}
