import type { Log } from "../../server/domain/log.ts";

export interface Logged {
  readonly level: "info" | "error";
  readonly fields: object;
  readonly message: string;
}

/** A log that a test can read. */
export function readableLog(): Log & { readonly lines: readonly Logged[] } {
  const lines: Logged[] = [];
  const at = (level: Logged["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, info: at("info"), error: at("error") };
}
