/** Which ports servers and clients use, and why. */
import { USUAL_PORTS } from "../../../server/config.ts";
import { DOORS, type DoorId } from "../doors.ts";
import type { SystemPorts } from "../machine.ts";
import type { Ports } from "../results.ts";
import type { Figures } from "./figures.ts";
import { figure, listed, table } from "./format.ts";

/** The ranges of IANA (RFC 6335, section 6). */
const RANGES = [
  { name: "well-known", lowest: 0, highest: 1_023 },
  { name: "registered", lowest: 1_024, highest: 49_151 },
  { name: "ephemeral", lowest: 49_152, highest: 65_535 },
] as const;

export function rangeOf(port: number): (typeof RANGES)[number]["name"] {
  return RANGES.find(({ highest }) => port <= highest)?.name ?? "ephemeral";
}

export function portsSection(figures: Figures, system: SystemPorts): string {
  const { ports } = figures.results;
  return `## Ports

A TCP connection is told apart by four numbers: the addresses and the ports of both ends. So one port of a server serves any number of clients, as
long as each comes from another address or another port of its own.

${table(
  ["range of IANA", "ports"],
  RANGES.map(({ name, lowest, highest }) => [name, `${lowest}–${highest}`]),
)}

${table(
  ["", "usual port of the server", "range", "port in this run", "clients' ports in this run", "how many"],
  ports.map((one) => [
    doorsAt(one.door),
    String(DOORS[one.door].usualPort),
    rangeOf(DOORS[one.door].usualPort),
    String(one.server),
    one.clients === 0 ? "—" : `${one.lowest}–${one.highest}`,
    figure(one.clients),
  ]),
)}

**Servers** need a port that clients know beforehand. ${usual(ports)} ${privileged(ports, system)} In a run like this, and in tests,
the server asks for port 0 and takes what the system gives it, so that two runs never meet; it then says which it was.

**Clients** need no port that anybody knows: they ask for none, and the system gives each connection an ephemeral one, free again when the
connection is over and some time has passed. ${ephemeral(ports, system)}

${perConnection(figures)}`;
}

/** All that listen at the same port. */
function doorsAt(door: DoorId): string {
  const { usualPort } = DOORS[door];
  const names = Object.values(DOORS).filter((one) => one.usualPort === usualPort);
  return listed(names.map(({ name }) => name));
}

function usual(ports: readonly Ports[]): string {
  const ranges = new Map<string, number[]>();
  for (const { door } of ports) {
    const { usualPort } = DOORS[door];
    ranges.set(rangeOf(usualPort), [...(ranges.get(rangeOf(usualPort)) ?? []), usualPort]);
  }
  const said = [...ranges].map(
    ([range, some]) => `${listed(some.map(String))} ${some.length === 1 ? "is" : "are"} ${range}`,
  );
  return `Of Keyroom's usual ones, ${said.join("; ")}. The files door, which is not compared, is usually at ${USUAL_PORTS.files}, which is ${rangeOf(USUAL_PORTS.files)}.`;
}

function privileged(ports: readonly Ports[], { unprivileged }: SystemPorts): string {
  if (unprivileged === null)
    return "Well-known ports are those of the system's own services, and often only its administrator may listen there.";
  const below = ports.filter(({ door }) => DOORS[door].usualPort < unprivileged);
  const own =
    below.length === 0
      ? "none of them is below, so that no privilege is needed"
      : `below are ${listed(below.map(({ door }) => String(DOORS[door].usualPort)))}, for which a privilege is needed`;
  return `On this machine everybody may listen from ${unprivileged} on; ${own}.`;
}

function ephemeral(ports: readonly Ports[], { ephemeral: range }: SystemPorts): string {
  const used = ports.filter(({ clients }) => clients > 0);
  if (used.length === 0) return "";
  const lowest = Math.min(...used.map((one) => one.lowest));
  const highest = Math.max(...used.map((one) => one.highest));
  const seen = `In this run clients had ports from ${lowest} to ${highest}.`;
  if (range === null) return seen;
  const inside = lowest >= range.lowest && highest <= range.highest;
  const iana = RANGES[2].lowest;
  const differs =
    range.lowest < iana
      ? ` It begins below IANA's ${iana}, so that a server whose registered port lies in it can find it taken by a client.`
      : "";
  return `${seen} This system gives them from ${range.lowest} to ${range.highest} (\`/proc/sys/net/ipv4/ip_local_port_range\`), and ${inside ? "all were from there" : "some were not from there"}.${differs} That is ${figure(range.highest - range.lowest + 1)} ports for connections from one address to one port.`;
}

/** Who uses up ports: new connections for each request. */
function perConnection(figures: Figures): string {
  const kind = { clients: figures.many, operation: "get", size: "small" } as const;
  const busy = figures.doors
    .map((door) => ({ door, each: figures.own(door, kind, ({ connections }) => connections)?.median ?? 0 }))
    .filter(({ each }) => each >= 0.05);
  if (busy.length === 0) return "Every door kept one connection for each client, and opened none for a request.";
  const said = busy.map(({ door, each }) => `${DOORS[door].name} opened ${figure(each)} for each get`);
  return `Most doors keep one connection for each client as long as it is there. ${listed(said)}: each took an ephemeral port, which is why so many were seen there. At a high pace that alone can use up the range.`;
}
