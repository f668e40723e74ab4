/** One of the servers that are compared, a process of its own: `keyroom` or `bare`. Tells its CPU time when asked. */
import { startServer } from "../../server/server.ts";
import { startBareServer } from "./bare-server.ts";
import { cpuMicros } from "./measure.ts";

const url =
  process.argv[2] === "bare"
    ? await startBareServer()
    : (await startServer({ port: 0, accounts: "name", upgrade: "open" })).url;
process.on("message", () => {
  process.send?.({ cpuMicros: cpuMicros() });
});
process.on("disconnect", () => process.exit());
process.send?.({ url });
