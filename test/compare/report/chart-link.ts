import type { ChartName } from "./charts.ts";

/** Beside the report. */
export const CHART_FOLDER = "comparison";

export function chart(name: ChartName, shows: string): string {
  return `![${shows}](${CHART_FOLDER}/${name}.svg)`;
}
