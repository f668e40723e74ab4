import type { LockMode } from "../../protocol/fields.ts";
import { type Call, callsOf } from "./calls.ts";
import { derived } from "./derived.ts";
import { type History, isOpen } from "./history.ts";
import { excludes, type Hold, holdsOn, mayBeGranted, type Stretch } from "./holds.ts";

/** When something can have been in the way of a request for a key. */
export function obstaclesTo(history: History, lock: Call, mode: LockMode, key: string): readonly Stretch[] {
  const { room, client } = lock.call;
  const held = holdsOn(history, room, key).filter(
    (hold) => hold.call.call.call !== lock.call.call && excludes(mode, hold.request.mode),
  );
  return [
    ...held.map((hold) => (hold.call.call.client === client ? waitOf(hold) : hold.possible)),
    ...waitingWrites(history)
      .filter(({ call }) => call.call !== lock.call.call && call.room === room && keysOf(call.request).includes(key))
      .map(({ from, to, code }) => ({ from, to: code !== null && isOpen(code) ? Infinity : to })),
  ];
}

/** One's own locks are not in the way, but one's own requests are while they wait. */
function waitOf({ call, possible }: Hold): Stretch {
  return call.answer === null && mayBeGranted(call) ? possible : { from: call.from, to: call.to };
}

const waitingWrites = derived((history: History) =>
  callsOf(history).filter(({ call: { request } }) => request.kind === "write" && (request.waitMs ?? 0) > 0),
);

function keysOf(request: Call["call"]["request"]): readonly string[] {
  return request.kind === "write" ? [...request.puts.map(({ key }) => key), ...request.deletes] : [];
}
