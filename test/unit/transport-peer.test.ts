import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { BACKLOG_BYTES } from "../../server/domain/watching.ts";
import { type KeyroomSocket, SocketPeer } from "../../server/transport/socket-peer.ts";
import { hasSettled, settle } from "../support/domain-fakes.ts";
import { ANN } from "../support/door-parts.ts";
import { ManualClock } from "../support/manual-clock.ts";

const BYE = { code: "conflict", message: "", retryable: false, afterMs: 0 };

/** A peer on a socket that does what Socket.IO's does, as far as a peer sees it. */
function setUp() {
  const done: string[] = [];
  const rooms = new Set(["id of the socket"]);
  const transport = Object.assign(new EventEmitter(), {
    socket: { bufferedAmount: 0, terminate: () => done.push("terminate") },
  });
  const conn = Object.assign(new EventEmitter(), {
    transport,
    readyState: "open",
    close: (discard?: boolean) => {
      done.push(discard === true ? "cut" : "close");
      if (discard !== true) return;
      conn.readyState = "closed";
      conn.emit("close");
    },
  });
  const socket = {
    conn,
    rooms,
    emit: (name: string) => done.push(name),
    once: () => undefined,
    join: (room: string) => void rooms.add(room),
    leave: (room: string) => void rooms.delete(room),
  };
  const welcome = {
    session: { account: ANN, client: "c".repeat(22), tokenHash: "", connection: null, ended: false },
    resumed: false,
    token: "",
    protocol: 0,
    address: "192.0.2.1",
  };
  const peer = new SocketPeer(socket as unknown as KeyroomSocket, welcome, new ManualClock());
  /** So many bytes wait in the WebSocket now, and it says so. */
  const waiting = (bytes: number): void => {
    transport.socket.bufferedAmount = bytes;
    transport.emit("drain");
  };
  return { conn, done, peer, rooms, transport, waiting };
}

test("what waits is in the transport and in front of it", () => {
  const { conn, peer, transport } = setUp();
  expect(peer.backlog()).toBe(0);
  transport.socket.bufferedAmount = 100;
  for (const packet of [{ data: "12345" }, { data: undefined }, {}]) conn.emit("packetCreate", packet);
  expect(peer.backlog()).toBe(105);
  conn.emit("flush");
  expect(peer.backlog()).toBe(100);
});

test("nothing that is watched, and nothing else, comes behind the goodbye", () => {
  const { done, peer, rooms } = setUp();
  peer.join("w:1");
  peer.close(BYE);
  expect([...rooms]).toEqual([]);
  // An answer that was on its way finds the connection closed.
  peer.join("w:2");
  peer.push("role", { role: "guest" });
  expect([...rooms]).toEqual([]);
  expect(done).toEqual(["bye", "close"]);
});

test("dismissed, a client that has taken everything is told why; one that has not gets nothing more at all", () => {
  const [quick, slow] = [setUp(), setUp()];
  quick.peer.dismiss(BYE);
  slow.waiting(1);
  slow.peer.dismiss(BYE);
  slow.peer.dismiss(BYE);
  expect(quick.done).toEqual(["bye", "close"]);
  expect(slow.done).toEqual(["terminate", "cut"]);
});

test("a client that keeps up is waited for no longer than a turn", async () => {
  const { peer, waiting } = setUp();
  waiting(BACKLOG_BYTES / 8);
  expect(await hasSettled(peer.drained())).toBe(true);
});

test("one that does not is waited for until it has taken nearly everything, with one listener for all who wait", async () => {
  const { conn, peer, transport, waiting } = setUp();
  waiting(BACKLOG_BYTES);
  const waits = Array.from({ length: 50 }, () => peer.drained());
  await settle();
  expect(transport.listenerCount("drain") + conn.listenerCount("drain")).toBe(2);
  waiting(BACKLOG_BYTES / 8 + 1);
  expect(await hasSettled(Promise.race(waits))).toBe(false);
  waiting(0);
  await Promise.all(waits);
  expect(transport.listenerCount("drain") + conn.listenerCount("close")).toBe(0);
});

test("those who wait go one after the other: what the first one pushes counts for the second", async () => {
  const { peer, waiting } = setUp();
  const order: number[] = [];
  waiting(BACKLOG_BYTES);
  for (const i of [1, 2]) {
    void peer.drained().then(() => {
      order.push(i);
      waiting(BACKLOG_BYTES);
    });
  }
  waiting(0);
  await settle();
  expect(order).toEqual([1]);
  waiting(0);
  await settle();
  expect(order).toEqual([1, 2]);
});

test("nobody waits for a client that is gone", async () => {
  const { peer, waiting } = setUp();
  waiting(BACKLOG_BYTES);
  const waits = [peer.drained(), peer.drained()];
  await settle();
  peer.abort();
  await Promise.all([...waits, peer.drained()]);
});
