const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How a time is written, for sentences. */
export const DURATION_FORMS = "10s, 5m, 1h or 2d, or a number of ms";

const FORM = /^(\d+(?:\.\d+)?)\s*(ms|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?)?$/;

/** Ms, as in `1500`, `250ms`, `10s`, `90 s`, `5min`, `2 hours` or `1.5d`; undefined for what is none, or too long to be counted. */
export function readDuration(text: string): number | undefined {
  const [, number = "", unit = "ms"] = FORM.exec(text.trim().toLowerCase()) ?? [];
  const ms = Math.round(Number(number) * (UNITS[unit === "ms" ? unit : unit.slice(0, 1)] ?? Number.NaN));
  return number !== "" && Number.isSafeInteger(ms) ? ms : undefined;
}
