import { derived, listAt } from "./derived.ts";
import type { History } from "./history.ts";

export interface Span {
  readonly from: number;
  /** Infinity where it lasts to the end. */
  readonly to: number;
}

/** When each user was surely no manager: from an answer that says so until somebody asks for the contrary. */
export const guestTimes = derived(({ events }: History): ReadonlyMap<string, readonly Span[]> => {
  const times = new Map<string, Span[]>();
  /** Requests to make him a manager that are not answered. */
  const risings = new Map<string, number>();
  for (const [at, event] of events.entries()) {
    if (event.kind !== "role") continue;
    const { user, role, phase } = event;
    const spans = listAt(times, user);
    const last = spans.at(-1);
    const isGuest = last?.to === Infinity;
    const rising = risings.get(user) ?? 0;
    if (role === "manager") {
      if (phase !== "refused" && isGuest) spans[spans.length - 1] = { ...last, to: at };
      risings.set(user, phase === "asked" ? rising + 1 : Math.max(0, rising - 1));
    } else if (phase === "answered" && !isGuest && rising === 0) spans.push({ from: at, to: Infinity });
  }
  return times;
});
