/** Single requests of plain clients, beside a server that gives the payload back. */
import type { Figures } from "./figures.ts";
import { anyKey, VALUE } from "./load.ts";
import { compete, type Operation } from "./measure.ts";
import type { Servers } from "./servers.ts";
import { openSockets, request } from "./sockets.ts";

/** Connections × requests under way on each. */
const SHAPES = [
  [1, 64],
  [100, 8],
  [1000, 1],
] as const;

export async function compareRequests(servers: Servers): Promise<Figures> {
  process.stdout.write("Single requests: connections × requests under way on each; about 30 s.\n");
  let figures: Figures = {};
  for (const shape of SHAPES) figures = { ...figures, ...(await compareShape(servers, shape)) };
  return figures;
}

async function compareShape(
  { bare, keyroom }: Servers,
  [connections, inFlight]: readonly [number, number],
): Promise<Figures> {
  const there = await openSockets(bare.url, connections);
  const here = await openSockets(keyroom.url, connections);
  const on = (sockets: typeof here, name: string, payload: () => object): Operation => {
    return (connection) => request(sockets[connection] as (typeof sockets)[number], name, payload());
  };
  const written = (): object => ({ key: anyKey(), value: VALUE });
  const shape = { connections, inFlight };
  const [echo, put, get] = await compete([
    { ...shape, server: bare, operation: on(there, "echo", written) },
    { ...shape, server: keyroom, operation: on(here, "put", written) },
    { ...shape, server: keyroom, operation: on(here, "get", () => ({ key: anyKey() })) },
  ]);
  for (const socket of [...there, ...here]) socket.disconnect();
  if (echo === undefined) return {};
  const figures: [string, { ratio: number }][] = [];
  for (const [name, result] of Object.entries({ echo, put, get })) {
    if (result === undefined) continue;
    const title = `${name} ${connections} × ${inFlight}`;
    const ops = result.opsPerSecond.toFixed(0).padStart(7);
    const cpu = result.cpuMicros.toFixed(1).padStart(6);
    process.stdout.write(`  ${title.padEnd(14)} ${ops} ops/s ${cpu} µs of the server's CPU each\n`);
    if (result !== echo) figures.push([`${title}: CPU`, { ratio: result.cpuMicros / echo.cpuMicros }]);
  }
  return Object.fromEntries(figures);
}
