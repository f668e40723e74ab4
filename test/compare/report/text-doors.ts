/** TCP and WebSocket: the same words over both, by guests and by managers. */
import { DOORS, type DoorId, inSentence } from "../doors.ts";
import type { OperationName, SizeName } from "../results.ts";
import { carried, cpu, type Figures, named, p50, p99, rate } from "./figures.ts";
import { bytes, figure, micros, perSecond, spread, table, time } from "./format.ts";
import { comparison } from "./sentences.ts";

const TIME = (of: string) => ({ verb: "takes", noun: "time", of, format: time });
const CPU = { verb: "costs", noun: "CPU time of the server", format: micros };

export function textDoors(figures: Figures): string {
  return `## TCP and WebSocket, with both roles in play

A WebSocket is a TCP connection that begins with an HTTP request and then wraps each message in a frame. The two text
doors speak the same words, so that they show what that costs and what it brings.

${[setUp(figures), oneClient(figures), manyClients(figures), wire(figures), silence(figures)].join("\n\n")}

### Guests and managers

${roles(figures)}`;
}

function setUp(figures: Figures): string {
  const of = (door: DoorId) => named(door, figures.setUp(door, p50));
  const { most } = figures;
  const crowd = (door: DoorId) => named(door, figures.opened(door, most));
  return `**Connecting and signing in.** ${comparison(of("tcp-text"), of("ws-text"), TIME("to connect and sign in"))} When ${figure(most)} come at once: ${comparison(crowd("tcp-text"), crowd("ws-text"), { verb: "lets in", noun: "clients", isCounted: true, format: perSecond })}`;
}

function oneClient(figures: Figures): string {
  const of = (door: DoorId, operation: OperationName, size: SizeName) =>
    named(door, figures.own(door, { clients: 1, operation, size }, p50));
  const sentence = (operation: OperationName, size: SizeName, noun: string): string =>
    comparison(of("tcp-text", operation, size), of("ws-text", operation, size), TIME(noun));
  return `**One client.** ${sentence("get", "small", "for a get of a small value")} ${sentence("put", "large", "for a put of 1 KB")}`;
}

function manyClients(figures: Figures): string {
  const { many, most } = figures;
  const kind = { operation: "put", size: "small" } as const;
  const all = (door: DoorId, clients: number) => named(door, figures.own(door, { clients, ...kind }, rate));
  const each = (door: DoorId) => named(door, figures.own(door, { clients: many, ...kind }, cpu));
  const tail = (door: DoorId) => named(door, figures.own(door, { clients: most, ...kind }, p99));
  return `**Many clients.** With ${many}: ${comparison(all("tcp-text", many), all("ws-text", many), { verb: "does", noun: "puts", isCounted: true, format: perSecond })} ${comparison(each("tcp-text"), each("ws-text"), { ...CPU, of: "for each" })} With ${figure(most)}, 99 of 100 puts were answered within ${spread(tail("tcp-text").figures, time)} over TCP and ${spread(tail("ws-text").figures, time)} over WebSocket: most of that is waiting for one's turn, as the clients together keep both processes busy.`;
}

function wire(figures: Figures): string {
  const of = (door: DoorId) => named(door, figures.own(door, { clients: 1, operation: "get", size: "small" }, carried));
  const handshake = (door: DoorId) =>
    named(
      door,
      figures.setUp(door, (setUp) => setUp.bytes),
    );
  const matter = { verb: "carries", noun: "bytes", isCounted: true, format: bytes };
  return `**Bytes.** For a get of a small value: ${comparison(of("tcp-text"), of("ws-text"), matter)} What a frame adds to a line is its header and the client's mask. To connect and sign in: ${comparison(handshake("tcp-text"), handshake("ws-text"), matter)}`;
}

function silence(figures: Figures): string {
  const of = (door: DoorId, operation: OperationName, size: SizeName) =>
    named(door, figures.own(door, { clients: 1, operation, size }, p50));
  const compare = (operation: OperationName, size: SizeName, noun: string) =>
    comparison(of("tcp-silence", operation, size), of("tcp-text", operation, size), TIME(noun));
  return `**Where a message ends.** TCP carries bytes and no messages. A line ends with a newline; the oldest clients send none, and the server takes what it has when nothing more comes for a while. ${compare("get", "small", "for a get")} A long message may come in pieces, and the server waits longer: ${compare("put", "large", "for a put of 1 KB")} A WebSocket has its frames, and needs neither.`;
}

function roles(figures: Figures): string {
  const { many } = figures;
  const doors = figures.doors.filter((door) => DOORS[door].roles.includes("manager"));
  const cell = (door: DoorId, role: "guest" | "manager", operation: OperationName): readonly string[] => {
    const kind = { door, role, clients: many, operation, size: "small" } as const;
    return [spread(figures.work(kind, p50), time), spread(figures.work(kind, cpu))];
  };
  const rows = doors.map((door) => [
    DOORS[door].name,
    ...cell(door, "guest", "get"),
    ...cell(door, "manager", "get"),
    ...cell(door, "guest", "put"),
    ...(DOORS[door].putsElsewhere ? cell(door, "manager", "put") : ["cannot", ""]),
  ]);
  const compared = (door: DoorId, operation: OperationName): string => {
    const of = (role: "guest" | "manager") =>
      figures.work({ door, role, clients: many, operation, size: "small" }, cpu);
    const mine = { name: `a manager's ${operation} over ${inSentence(door)}`, figures: of("manager") };
    return comparison(mine, { name: "a guest's", figures: of("guest") }, CPU);
  };
  const asking = (["tcp-text", "ws-text", "sio-websocket"] as const).map((door) => compared(door, "get"));
  const watching = (["sio-websocket", "sdk"] as const).map((door) => compared(door, "put"));
  return `A guest works in his own room; a manager in another user's, who signed in at the TCP text door. ${many} clients each, small values;
median time, and µs of the server's CPU for each. The JSON door knows no users, so that nobody is a manager there.

${table(["", "guest's get", "CPU", "manager's get", "CPU", "guest's put", "CPU", "manager's put, watching", "CPU"], rows)}

**Asking.** ${asking.join(" ")}

**Putting where one watches.** Each of these puts is also pushed to the manager. ${watching.join(" ")}

For a guest, who asks and is answered, both transports do. A manager wants to know what others do, and there the doors
differ in kind: the text doors only answer, so that a manager has to ask again and again, over WebSocket as over TCP, though a
WebSocket would let the server speak first. Socket.IO and the SDK use it so; what that changes is measured below.`;
}
