export interface HeapSample {
  /** Which of the server's lives it is of. */
  readonly life: number;
  /** Seconds since that began. */
  readonly age: number;
  readonly bytes: number;
}

/** By then logs are full, and sessions of clients that left are over. */
const FULL_AFTER_S = 90;

/** By which factor the heap has grown in each life, from the first half of its samples when full to the second. */
export function growth(samples: readonly HeapSample[]): number[] {
  const lives = new Set(samples.map(({ life }) => life));
  return [...lives].flatMap((life) => {
    const full = samples.filter((sample) => sample.life === life && sample.age > FULL_AFTER_S);
    const half = Math.floor(full.length / 2);
    return half === 0 ? [] : [mean(full.slice(-half)) / mean(full.slice(0, half))];
  });
}

function mean(samples: readonly HeapSample[]): number {
  return samples.reduce((sum, { bytes }) => sum + bytes, 0) / samples.length;
}
