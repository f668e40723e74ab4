/** What the doctor finds, one thing at a time. */

export type State = "ok" | "warning" | "problem";

export interface Check {
  /** What was looked at, in a word. */
  readonly name: string;
  readonly state: State;
  /** What was seen, in a sentence; it may quote what others wrote. */
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Whether because of it nothing of the server can be reached. */
  readonly unreachable?: true;
}

/** What is to be examined. */
export interface Patient {
  readonly url: string;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** PEM certificates to trust. */
  readonly ca: string | undefined;
  /** For each check. */
  readonly deadlineMs: number;
}

export function ok(name: string, says: string): Check {
  return { name, state: "ok", says };
}

export function warning(name: string, says: string, advice: string): Check {
  return { name, state: "warning", says, advice };
}

export function problem(name: string, says: string, advice: string): Check {
  return { name, state: "problem", says, advice };
}

export function unreachable(name: string, says: string, advice: string): Check {
  return { ...problem(name, says, advice), unreachable: true };
}

/** "0.4 ms", "12 ms". */
export function inMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

export function inSeconds(ms: number): string {
  return `${ms / 1000} s`;
}
