/** Time as the domain sees it; tests move it by hand. */
export interface Clock {
  /** Wall time, in ms since 1970: for timestamps that people see. */
  now(): number;
  /** Ms that never jump: for durations. */
  monotonic(): number;
  /** Calls `run` once after `ms`; the returned function prevents it. */
  after(ms: number, run: () => void): () => void;
}
