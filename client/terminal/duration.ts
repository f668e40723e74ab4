const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How a time is written, for sentences. */
export const DURATION_FORMS = "10s, 5m, 1h or 2d, or a number of ms";

/** Ms, as in `1500`, `10s`, `5m`, `1h` or `2d`; undefined for what is none, or too long to be counted. */
export function readDuration(text: string): number | undefined {
  const [, digits = "", unit = "ms"] = /^([0-9]+)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return digits !== "" && Number.isSafeInteger(ms) ? ms : undefined;
}
