export interface HeapSample {
  /** Which of the server's lives it is of. */
  readonly life: number;
  /** Whether all that the server keeps for a while was as much as it will ever be: logs and sessions that wait. */
  readonly isFull: boolean;
  readonly bytes: number;
}

/** By which factor the heap has grown in each life, from the first half of its samples when full to the second. */
export function growth(samples: readonly HeapSample[]): number[] {
  const lives = new Set(samples.map(({ life }) => life));
  return [...lives].flatMap((life) => {
    const full = samples.filter((sample) => sample.life === life && sample.isFull);
    const half = Math.floor(full.length / 2);
    return half === 0 ? [] : [mean(full.slice(-half)) / mean(full.slice(0, half))];
  });
}

function mean(samples: readonly HeapSample[]): number {
  return samples.reduce((sum, { bytes }) => sum + bytes, 0) / samples.length;
}
