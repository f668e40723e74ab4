import type { ErrorCode } from "../../protocol/errors.ts";
import { derived } from "./derived.ts";
import type { Answer, EventOf, History } from "./history.ts";

/** A call with its end. Times are places in the history. */
export interface Call {
  readonly call: EventOf<"invoked">;
  readonly from: number;
  /** Infinity where it was open at the end. */
  readonly to: number;
  readonly answer: Answer | null;
  readonly code: ErrorCode | null;
  /** Where the client gave one, or the error named it. */
  readonly op: string | null;
  /** Its client was closed before it ended: the refusal is the client's own. */
  readonly isGone: boolean;
}

/** All calls, in the order in which they were made. */
export const callsOf = derived(({ events }: History): readonly Call[] => {
  const calls = new Map<number, Call>();
  const gone = new Set<string>();
  for (const [at, event] of events.entries()) {
    if (event.kind === "gone") gone.add(event.client);
    if (event.kind === "invoked") {
      const { op = null } = event;
      calls.set(event.call, { call: event, from: at, to: Infinity, answer: null, code: null, op, isGone: false });
    }
    if (event.kind !== "answered" && event.kind !== "refused") continue;
    const begun = calls.get(event.call);
    if (begun === undefined) throw new Error(`The call ${event.call} ends without a beginning.`);
    const end = event.kind === "answered" ? { answer: event.answer } : { code: event.code, op: event.op ?? begun.op };
    calls.set(event.call, { ...begun, ...end, to: at, isGone: gone.has(begun.call.client) });
  }
  return [...calls.values()];
});
