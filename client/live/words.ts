/** Numbers and times in words. */

/** `14:03:12`, by the clock on this machine's wall. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** The time of a moment within the last 24 hours, the day of an earlier one: ten columns. */
export function moment(at: number, now: number): string {
  const isRecent = now - at < 86_400_000;
  return isRecent ? clockTime(at).padEnd(10) : new Date(at).toLocaleDateString("sv-SE");
}

/** `now`, `12 s`, `3 min`, `5 h`, `4 d`: at most six columns for a century or two. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `0.5`, `12`, `1,234`. */
export function rateText(perSecond: number): string {
  return perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : many(Math.round(perSecond));
}

export function many(n: number): string {
  return n.toLocaleString("en");
}
