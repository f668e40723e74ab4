import { expect, jest, test } from "@jest/globals";
import { openBareDoor } from "../support/door-parts.ts";
import { starter } from "../support/start.ts";

const { plain, closing } = starter();

async function open(...args: Parameters<typeof openBareDoor>) {
  const door = await openBareDoor(...args);
  closing(door.close);
  return door;
}

test.each([
  ["websocket", ["websocket"]],
  ["polling", ["polling"]],
  ["an upgrade", ["polling", "websocket"]],
])("over %s nothing of the handshake is kept: neither the request nor the password", async (_how, transports) => {
  const { url, io } = await open();
  await plain(url, { user: "ann", password: "correct horse" }, { transports }).session();
  const [socket] = io.sockets.sockets.values();
  expect(socket?.conn.request).toBeNull();
  expect(socket?.request).toBeNull();
  expect(JSON.stringify(socket?.handshake)).not.toContain("correct horse");
});

test("sockets share their listeners", async () => {
  const { url, io } = await open();
  await Promise.all([plain(url, { user: "ann" }).session(), plain(url, { user: "bob" }).session()]);
  const [one, other] = [...io.sockets.sockets.values()];
  expect(one?.listeners("disconnect")[0]).toBe(other?.listeners("disconnect")[0]);
});

test("a socket that goes leaves its session waiting, without a connection", async () => {
  const { url, sessions } = await open();
  const client = plain(url, { user: "ann" });
  await client.session();
  expect(sessions.isOnline("ann")).toBe(true);
  client.socket.disconnect();
  // The next connection's first word comes after the server has seen the first one go, or some time later.
  while (sessions.isOnline("ann")) await plain(url, { user: "bob" }).session();
  expect(sessions.ofUser("ann")).toMatchObject([{ connection: null }]);
});

test("a session that ended while its connection was made is told to come again", async () => {
  const { url, sessions, io } = await open();
  io.use((socket, next) => {
    sessions.end(socket.data.welcome.session);
    next();
  });
  const client = plain(url, { user: "ann" }, { reconnection: false });
  expect(await client.events.next("bye")).toMatchObject({ code: "unauthenticated", retryable: true });
  expect(await client.events.next("disconnect")).toBe("transport close");
});

test("a socket that goes is forgotten by all that would push to it", async () => {
  const { url, audiences, sessions, watches } = await open();
  const forgotten = [jest.spyOn(audiences, "forget"), jest.spyOn(watches, "forget")];
  const client = plain(url, { user: "ann" });
  await client.session();
  const [session] = sessions.ofUser("ann");
  const peer = session?.connection;
  client.socket.disconnect();
  while (sessions.isOnline("ann")) await plain(url, { user: "bob" }).session();
  for (const forget of forgotten) expect(forget.mock.calls).toEqual([[peer]]);
});
