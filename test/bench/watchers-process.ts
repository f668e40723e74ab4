/** The watchers of a room: `KIND URL ROOM COUNT CHANGES`, as in `watchers.ts`. */
import { connect } from "../../client/sdk/index.ts";
import { machineMs } from "./measure.ts";
import { openSocket, request } from "./sockets.ts";

const [kind = "", url = "", room = "", count = "", changes = ""] = process.argv.slice(2);

/** Begins to watch; `told` is called with the number of changes that have come. */
type Open = (told: (changes: number) => void) => Promise<void>;

const KINDS: Readonly<Record<string, Open>> = {
  sdk: async (told) => {
    const store = await connect(url);
    await store.upgrade();
    const watch = store.room(room).watch();
    await new Promise<void>((resolve) => {
      watch.on("event", ({ kind: what }) => (what === "snapshot" ? resolve() : told(1)));
    });
  },
  keyroom: async (told) => {
    const [socket] = await openSocket(url);
    socket.on("changes", (push: { readonly changes: readonly unknown[] }) => told(push.changes.length));
    await request(socket, "upgrade", {});
    await request(socket, "watch", { room });
  },
  bare: async (told) => {
    const [socket] = await openSocket(url);
    socket.on("change", () => told(1));
    await request(socket, "watch", {});
  },
};

let complete = 0;

/** Counts one watcher's changes; the last of all that has had its share reports. */
function counter(): (changes: number) => void {
  let had = 0;
  return (more) => {
    had += more;
    if (had !== Number(changes)) return;
    had = 0;
    if (++complete < Number(count)) return;
    complete = 0;
    process.send?.({ at: machineMs() });
  };
}

const open = KINDS[kind];
if (open === undefined) throw new Error(`There are no watchers of kind ${kind}.`);
await Promise.all(Array.from({ length: Number(count) }, () => open(counter())));
process.on("disconnect", () => process.exit());
process.send?.("watching");
