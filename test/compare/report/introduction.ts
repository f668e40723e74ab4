import { DOORS } from "../doors.ts";
import type { Figures } from "./figures.ts";
import { figure, listed } from "./format.ts";
import type { Run } from "./run.ts";

const GIB = 2 ** 30;

/** What it is about, and on what it was measured. */
export function introduction(figures: Figures, { began, tookS, load, machine, form }: Run): string {
  const { results, doors } = figures;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const rounds =
    results.rounds === 1
      ? "Everything was measured once, so that no spread is known and differences say little"
      : `Everything was measured ${results.rounds} times, and a figure is the median of these rounds, with the least and the most in brackets`;
  return `# The doors compared

One Keyroom server, its doors side by side: ${listed(doors.map((door) => DOORS[door].name))}. They share rooms, names,
roles and locks, so what differs is the way in. \`npm run compare\` measures all of it and writes this file, with
every figure and every order in it taken from the run.

| | |
|---|---|
| Run | ${began}, ${results.form} form, ${figure(tookS / 60)} minutes |
| Machine | ${machine.processor}, ${machine.cores} cores, ${figure(machine.memoryBytes / GIB)} GiB; ${machine.system} |
| Load of the machine | ${load.before.toFixed(1)} before the run, ${load.after.toFixed(1)} at its end, itself included |
| Versions | Node ${machine.node}; ${packages.join(", ")} |

${rounds}. Server and clients are a process each, on the same machine, so that times are those of the software and not of a
network. ${loadWarning(load.before, machine.cores)}Trust ratios more than figures.${results.form === "long" ? "" : `\n\n${shortened(form.clients)}`}${failed(results.failures)}`;
}

/** Others that wanted the processor while it ran. */
function loadWarning(before: number, cores: number): string {
  if (before < cores / 4) return "";
  return `The machine was not idle when the run began (a load of ${before.toFixed(1)} on ${cores} cores), which makes all of it slower and the spread wider. `;
}

function shortened(clients: readonly number[]): string {
  return `This is not the long form: it has fewer rounds, each shorter, and at most ${figure(Math.max(...clients))} clients.`;
}

function failed(failures: readonly string[]): string {
  if (failures.length === 0) return "";
  return `\n\nWhat could not be measured:\n\n${failures.map((failure) => `- ${failure}`).join("\n")}`;
}
