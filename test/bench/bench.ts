/** Keyroom beside bare Socket.IO, each in a process of its own, in the same minute. Reports, and never fails on a time. */
import { availableParallelism, loadavg } from "node:os";
import { compareWithBaseline, saveBaseline } from "./baseline.ts";
import { compareFanOut } from "./fan-out.ts";
import type { Figures } from "./figures.ts";
import { compareFirstPaint } from "./first-paint.ts";
import { compareInFlight } from "./in-flight.ts";
import { compareNotice } from "./notice.ts";
import { compareRequests } from "./requests.ts";
import { Servers } from "./servers.ts";

const PARTS: Readonly<Record<string, (servers: Servers) => Promise<Figures>>> = {
  requests: compareRequests,
  "in-flight": compareInFlight,
  "fan-out": compareFanOut,
  notice: compareNotice,
  "first-paint": compareFirstPaint,
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const args = process.argv.slice(2);
const asked = args.filter((arg) => arg !== "--save");
const unknown = asked.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  process.stderr.write(`There is no part ${JSON.stringify(unknown)}. Choose from: ${Object.keys(PARTS).join(", ")}.\n`);
  process.exit(2);
}

print(`Node ${process.version}; ${availableParallelism()} cores, load ${load()}. All figures are medians.`);
let figures: Figures = {};
for (const [name, compare] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  print("");
  const servers = await Servers.start();
  figures = { ...figures, ...(await compare(servers)) };
  servers.stop();
}
print("");
compareWithBaseline(figures);
if (args.includes("--save")) saveBaseline(figures);
print(`\nTook ${performance.now().toFixed(0).slice(0, -3)} s; load ${load()} in the last minute, this included.`);

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
