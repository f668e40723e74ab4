/** The server that is measured, in a process of its own, with all doors open. Tells its costs when asked. */
import { completeConfig, DOOR_NAMES } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";

const GRACE_MS = 500;

const server = await startServer({
  port: 0,
  accounts: "name",
  upgrade: "open",
  graceMs: GRACE_MS,
  doors: Object.fromEntries(DOOR_NAMES.map((name) => [name, 0])),
});
const collect = globalThis.gc;

process.on("message", (question) => {
  // Twice: what was finalized by the first is free after the second.
  if (question === "memory") for (let i = 0; i < 2; i++) void collect?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpuMicros: user + system, rss, used: heapUsed + external });
});
process.on("disconnect", () => process.exit());
process.send?.({
  host: completeConfig({}).host,
  url: server.url,
  ports: Object.fromEntries(server.doors.map(({ name, port }) => [name, port])),
});
