/** Time as the SDK sees it; tests move it by hand. */
export interface Clock {
  /** Ms that never jump. */
  monotonic(): number;
  /** Calls `run` once after `ms`; the returned function prevents it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
