/** All figures of all operations. */
import { DOORS, type Role } from "../doors.ts";
import { OPERATIONS, type OperationName, SIZES, type SizeName } from "../results.ts";
import { carried, cpu, type Figures, p50, p95, p99, rate } from "./figures.ts";
import { figure, spread, table } from "./format.ts";

const WHOSE: Readonly<Record<Role, string>> = {
  guest: "Guests, own room",
  shared: "Clients of the room that all share",
  manager: "Managers, another's room, watching where they can",
};

export function everything(figures: Figures): string {
  const roles = Object.keys(WHOSE) as readonly Role[];
  const kinds = roles.flatMap((role) =>
    OPERATIONS.flatMap((operation) =>
      (Object.keys(SIZES) as readonly SizeName[]).map((size) => one(figures, role, operation, size)),
    ),
  );
  return `## All figures

Times in ms; CPU time of the server and of the clients in µs, and bytes sent and received by the clients together, for one operation.
At the text doors managers can read others' rooms, and not write there.

<details>
<summary>Every door, role, operation, size and number of clients</summary>

${kinds.filter((section) => section !== "").join("\n\n")}

</details>`;
}

function one(figures: Figures, role: Role, operation: OperationName, size: SizeName): string {
  const rows = figures.results.work.filter(
    (work) => work.role === role && work.operation === operation && work.size === size,
  );
  if (rows.length === 0) return "";
  const sorted = rows.toSorted(
    (a, b) => figures.doors.indexOf(a.door) - figures.doors.indexOf(b.door) || a.clients - b.clients,
  );
  return `**${WHOSE[role]}: ${operation}, ${figure(SIZES[size])} bytes**

${table(
  ["", "clients", "median", "95 %", "99 %", "a second", "server CPU", "clients' CPU", "bytes"],
  sorted.map((kind) => [
    DOORS[kind.door].name,
    figure(kind.clients),
    spread(figures.work(kind, p50)),
    ...[p95, p99].map((of) => figure(figures.work(kind, of)?.median ?? Number.NaN)),
    spread(figures.work(kind, rate)),
    spread(figures.work(kind, cpu)),
    ...[(work: { readonly clientMicros: number }) => work.clientMicros, carried].map((of) =>
      figure(figures.work(kind, of)?.median ?? Number.NaN),
    ),
  ]),
)}`;
}
