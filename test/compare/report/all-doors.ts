/** All doors side by side. */
import { DOORS, type DoorId } from "../doors.ts";
import { UNDER_WAY } from "../measures/together.ts";
import type { OperationName, Work } from "../results.ts";
import { chart } from "./chart-link.ts";
import { carried, cpu, type Figures, named, p50, p95, rate } from "./figures.ts";
import { bytes, figure, kilobytes, micros, perSecond, spread, table, time } from "./format.ts";
import { ranking } from "./sentences.ts";

export function allDoors(figures: Figures): string {
  const { many, most, results } = figures;
  return `## All doors

Each client has one operation under way, in its own room (at the JSON door: with its own keys in the room that all share).

${chart("throughput", "Puts in a second by the number of clients")}

${byClients(figures, "put", rate, figure)}

Puts of small values in a second. With ${figure(most)} clients. ${rank(figures, most, "put", rate, perSecond)}

${chart("latency", "Median time of a get by the number of clients")}

${byClients(figures, "get", p50, time)}

Median time of a get of a small value. With one client. ${rank(figures, 1, "get", p50, time)}

${chart("tail", "Median and 99th percentile of a put")}

${chart("cpu", "CPU time of the server for one operation")}

For a get with ${many} clients. ${rank(figures, many, "get", cpu, micros)} For a put. ${rank(figures, many, "put", cpu, micros)}

${chart("bytes", "Bytes on the wire for one get")}

For a get of a small value. ${rank(figures, many, "get", carried, bytes)} Heartbeats are counted with what they come between.

### Connecting

At the JSON door there is nobody to sign in as; at the others, signed in is who has been told so.

${chart("set-up", "Time to connect and sign in")}

${table(
  ["", "connect and sign in", "95 of 100 within", "bytes", "TCP connections", `a second, when ${figure(most)} come`],
  figures.doors.map((door) => [
    DOORS[door].name,
    spread(figures.setUp(door, p50), time),
    spread(figures.setUp(door, p95), time),
    spread(figures.setUp(door, (setUp) => setUp.bytes)),
    spread(figures.setUp(door, ({ connections }) => connections)),
    spread(figures.opened(door, most)),
  ]),
)}

${chart("memory", "Memory of the server for one connection")}

One idle connection takes so much of the server's heap and buffers. ${ranking(
    figures.doors.map((door) =>
      named(
        door,
        figures.memory(door, ({ used }) => used),
      ),
    ),
    kilobytes,
  )}${results.form === "shortest" ? "" : " Resident memory, which the system counts in pages, also has what the runtime keeps in reserve."}

### Many at once on one connection

Above, each client waits for an answer before it asks again. A program may have more under way: one client with ${UNDER_WAY} puts of a small value.
The SDK sends what is asked in one turn of the event loop as one message.

${table(
  ["", "puts/s", "µs of the server's CPU for each"],
  results.together.map(({ door }) => [
    DOORS[door].name,
    spread(figures.together(door, "perSecond")),
    spread(figures.together(door, "serverMicros")),
  ]),
)}

${ranking(
  results.together.map(({ door }) => named(door, figures.together(door, "perSecond"))),
  perSecond,
)}`;
}

function byClients(
  figures: Figures,
  operation: OperationName,
  of: (work: Work) => number,
  format: (number: number) => string,
): string {
  const { clients } = figures.results;
  return table(
    ["clients", ...clients.map(figure)],
    figures.doors.map((door) => [
      DOORS[door].name,
      ...clients.map((count) => spread(figures.own(door, { clients: count, operation, size: "small" }, of), format)),
    ]),
  );
}

function rank(
  figures: Figures,
  clients: number,
  operation: OperationName,
  of: (work: Work) => number,
  format: (number: number) => string,
): string {
  const own = (door: DoorId) => figures.own(door, { clients, operation, size: "small" }, of);
  return ranking(
    figures.doors.map((door) => named(door, own(door))),
    format,
  );
}
