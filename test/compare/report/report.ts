import type { Results } from "../results.ts";
export function report(results: Results, run: object): Record<string, string> {
  return { "results.json": JSON.stringify({ results, run }, null, 1) };
}
