import type { Results } from "../results.ts";
import { allDoors } from "./all-doors.ts";
import { CHART_FOLDER } from "./chart-link.ts";
import { charts } from "./charts.ts";
import { everything } from "./everything.ts";
import { Figures } from "./figures.ts";
import { inShort } from "./in-short.ts";
import { introduction } from "./introduction.ts";
import { method } from "./method.ts";
import { portsSection } from "./ports.ts";
import { pushing } from "./pushing.ts";
import type { Run } from "./run.ts";
import { synchronization } from "./synchronization.ts";
import { textDoors } from "./text-doors.ts";

/** The report's files by name. The same results give the same text. */
export function report(results: Results, run: Run): Readonly<Record<string, string>> {
  const figures = new Figures(results);
  const text = [
    introduction(figures, run),
    inShort(figures),
    textDoors(figures),
    allDoors(figures),
    pushing(figures),
    portsSection(figures, run.systemPorts),
    synchronization(figures),
    method(figures, run),
    everything(figures),
  ].join("\n\n");
  const pictures = Object.entries(charts(figures)).map(([name, svg]) => [`${CHART_FOLDER}/${name}.svg`, svg] as const);
  return { "comparison.md": `${text}\n`, ...Object.fromEntries(pictures) };
}
