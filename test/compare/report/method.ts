import { DOORS } from "../doors.ts";
import { SIZES } from "../results.ts";
import type { Figures } from "./figures.ts";
import { figure } from "./format.ts";
import type { Run } from "./run.ts";

export function method(figures: Figures, { form }: Run): string {
  const { results } = figures;
  const fresh = form.freshServers
    ? "a fresh server for each door and round"
    : "in this form the server that has done the rest, so that it tells little";
  return `## How it was measured

- The server runs in a process of its own with all its doors open on free ports, names without passwords and \`--upgrade open\`; all clients are in another.
  Both are built JavaScript${results.form === "shortest" ? " or, as in this form, run from the sources" : ""}.
- In a round every door is measured with every number of clients (${results.clients.map(figure).join(", ")}) before the next number; each round begins with another door.
  Before the first, every door is used and not counted.
- Each client has one operation under way. An operation is counted when it is answered within ${figure(form.measureMs)} ms, after a third of that for warming up; slow doors
  are given more time. Small values have ${SIZES.small} bytes, large ones ${figure(SIZES.large)}. Every value that is read is compared with what was written.
- A time is from the question to its answer in the client's process, where other clients also wait for their turn. With many clients both processes
  are busy, and throughput is that of a server and of clients with one core each.
- CPU time is the server's own (user and system), from \`process.cpuUsage\`, with what it does for heartbeats.
- Bytes are those that Node counts at each socket of the clients' process, which it announces on \`net.client.socket\`. So nothing stands between client and
  server, and connections that a client opens by itself are counted, too. Headers of TCP and IP are not.
- Memory is the difference that ${figure(results.memoryConnections)} signed-in, idle connections make, after the collection of garbage; from ${fresh}.
- A manager works in the room of a guest of his own, who is connected over ${DOORS["tcp-text"].name} and silent. Where the door can tell, he watches that room.
- Two figures are called alike where the ranges of their rounds meet, or where they differ by less than a tenth.`;
}
