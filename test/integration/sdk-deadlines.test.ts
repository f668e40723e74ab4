import { expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/connect.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { GREETING, greeting, type Mute, scriptedServer, silentServer } from "../support/mute-server.ts";
import { starter } from "../support/start.ts";

const { store, closing } = starter();
const deadlineMs = 150;

async function opened(making: Promise<Mute>): Promise<Mute> {
  const server = await making;
  closing(() => server.close());
  return server;
}

test.each([[["websocket", "polling"]], [["polling"]], [["websocket"]]] as const)(
  "a server that accepts and says nothing, over %s: connect gives up at its deadline",
  async (transports) => {
    const { url } = await opened(silentServer());
    const error = await rejectionOf(connect(url, { deadlineMs, transports }));
    expect(error).toMatchObject({ code: "unavailable", message: "The server did not answer in time." });
  },
);

test("a server that lets in and never says who one is: the same", async () => {
  const { url } = await opened(scriptedServer(() => undefined));
  expect(await rejectionOf(connect(url, { deadlineMs }))).toMatchObject({ code: "unavailable" });
});

test("a server that never acknowledges: a read times out, a write's outcome is unknown", async () => {
  const { url } = await opened(scriptedServer(greeting()));
  const mine = await store(url, { deadlineMs });
  const requests = [
    mine.put("a", "1"),
    mine.delete("a"),
    mine.upgrade(),
    mine.promote("bob"),
    mine.demote("bob"),
    mine.logout(),
    mine.get("a"),
    mine.list(),
    mine.rooms(),
    mine.outcome(`${GREETING.client}:1`),
  ];
  const errors = await Promise.all(requests.map(rejectionOf));
  expect(errors.slice(0, 2)).toMatchObject([
    { code: "unknown_outcome", op: `${GREETING.client}:1` },
    { code: "unknown_outcome", op: `${GREETING.client}:2` },
  ]);
  expect(errors.slice(2, 6).map(({ code, op }) => [code, op])).toEqual(Array(4).fill(["unknown_outcome", undefined]));
  expect(errors.slice(6).map(({ code }) => code)).toEqual(Array(4).fill("timeout"));
});

test("an answer after the deadline changes nothing", async () => {
  const acknowledge: ((answer: unknown) => void)[] = [];
  const { url } = await opened(
    scriptedServer(greeting((socket) => socket.on("get", (_payload, answer) => acknowledge.push(answer)))),
  );
  const mine = await store(url, { deadlineMs });
  expect(await rejectionOf(mine.get("a"))).toMatchObject({ code: "timeout" });
  const next = mine.get("b");
  while (acknowledge.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const answer of acknowledge) answer({ ok: true, value: null });
  expect(await next).toBeNull();
});

test("what waits without a connection settles too, and was never sent", async () => {
  const { url, close } = await opened(scriptedServer(greeting()));
  const mine = await store(url, { deadlineMs });
  const lost = new Promise((resolve) => mine.on("state", resolve));
  await close();
  expect(await lost).toBe("reconnecting");
  const error = await rejectionOf(mine.put("a", "1"));
  expect(error).toMatchObject({ code: "timeout", message: expect.stringMatching(/there was no connection/) });
  expect(error.op).toBeUndefined();
});

test.each([
  ["no answer at all", "nonsense"],
  ["an answer that says neither yes nor no", {}],
  ["a success without a value", { ok: true }],
  ["an error without an error", { ok: false }],
  ["an error with a code that nobody knows", { ok: false, error: { code: "__proto__" } }],
  ["a value of the wrong shape", { ok: true, value: { revision: "one" } }],
  ["null", null],
])("%s is a fault, not a success; and of a write it says neither yes nor no", async (_what, answer) => {
  const { url } = await opened(
    scriptedServer(greeting((socket) => socket.onAny((_name, _payload, acknowledge) => acknowledge(answer)))),
  );
  const mine = await store(url, { deadlineMs });
  expect(await rejectionOf(mine.list())).toMatchObject({ code: "internal" });
  expect(await rejectionOf(mine.put("a", "1"))).toMatchObject({ code: "unknown_outcome", op: `${GREETING.client}:1` });
});

test("a greeting that cannot be read ends the connection", async () => {
  const { url } = await opened(
    scriptedServer((io) => io.on("connection", (socket) => socket.emit("session", { user: 7 }))),
  );
  expect(await rejectionOf(connect(url))).toMatchObject({ code: "internal" });
});

test("a server that is too old is named as such", async () => {
  const { url } = await opened(scriptedServer(greeting(() => undefined, { protocol: 0 })));
  expect(await rejectionOf(connect(url))).toMatchObject({ code: "unsupported" });
});

test("a server that refuses without a reason of ours ends it at once", async () => {
  const { url } = await opened(scriptedServer((io) => io.use((_socket, next) => next(new Error("Members\x1b only")))));
  const error = await rejectionOf(connect(url));
  expect(error.code).toBe("unsupported");
  expect(error.message).toBe(
    `The server at ${url} refuses ("Members\\u001b only"). It may be no Keyroom server. Check the port.`,
  );
});

/** Refuses the first connection with this error, and lets in whoever comes later. */
function refusingOnce(refusal: KeyroomError): Promise<Mute> {
  let refused = false;
  return scriptedServer((io) => {
    io.use((_socket, next) => {
      if (refused) next();
      else next(Object.assign(new Error(refusal.message), { data: refusal.toJSON() }));
      refused = true;
    });
    greeting()(io);
  });
}

test("a refusal that says so is tried again", async () => {
  const { url } = await opened(refusingOnce(new KeyroomError("rate_limited", "Wait.")));
  expect((await store(url)).state).toBe("connected");
});

test("but not with retry: false", async () => {
  const { url } = await opened(refusingOnce(new KeyroomError("rate_limited", "Wait.")));
  expect(await rejectionOf(connect(url, { retry: false }))).toMatchObject({ code: "rate_limited", message: "Wait." });
});

test("a final refusal is not tried again", async () => {
  const { url } = await opened(refusingOnce(new KeyroomError("unauthenticated", "Wrong password.")));
  expect(await rejectionOf(connect(url))).toMatchObject({ code: "unauthenticated", message: "Wrong password." });
});

test("a refusal that outlasts the deadline is what connect rejects with", async () => {
  const { url } = await opened(refusingOnce(new KeyroomError("unavailable", "The server is closing.")));
  const error = await rejectionOf(connect(url, { deadlineMs }));
  expect(error).toMatchObject({ code: "unavailable", message: "The server is closing." });
});
