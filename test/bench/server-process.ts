/** One of the servers that are compared, a process of its own: `keyroom` or `bare`. Tells its CPU time when asked. */
import { startServer } from "../../server/server.ts";
import { startBareServer } from "./bare-server.ts";

const url =
  process.argv[2] === "bare"
    ? await startBareServer()
    : (await startServer({ port: 0, accounts: "name", upgrade: "open" })).url;
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
process.on("disconnect", () => process.exit());
process.send?.({ url });
