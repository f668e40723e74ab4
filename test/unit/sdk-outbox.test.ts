import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { systemClock } from "../../client/sdk/clock.ts";
import { Outbox } from "../../client/sdk/outbox.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { rejectionOf } from "../support/keyroom-error.ts";

const CLIENT = "c".repeat(22);
const OTHER = "d".repeat(22);
const BYE = new KeyroomError("unavailable", "Closed.");
const done = { ok: true, value: { revision: 1, version: 1 } };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

interface Sent {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly answer: (answer: unknown) => void;
}

function setUp(deadlineMs = 60_000) {
  const sent: Sent[] = [];
  const outbox = new Outbox(
    (name, payload, answer) => {
      sent.push({ name, payload: payload as Sent["payload"], answer });
    },
    deadlineMs,
    systemClock,
  );
  const put = (key: string) => outbox.request("put", { key, value: "" });
  /** Keys, with the operation's counter behind those that have one. */
  const keys = () => sent.map(({ payload }) => `${payload["key"]} ${String(payload["op"] ?? "").slice(23)}`.trim());
  return { outbox, sent, put, keys };
}

/** For promises whose end does not matter to the test. */
function ignore(...promises: readonly Promise<unknown>[]): void {
  for (const promise of promises) promise.catch(() => undefined);
}

test("nothing is sent before there is a session, and then everything in order", async () => {
  const { outbox, put, keys, sent } = setUp();
  const promises = [put("a"), outbox.request("get", { key: "b" }), put("c")];
  expect(keys()).toEqual([]);
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  expect(keys()).toEqual(["a 1", "b", "c 2"]);
  expect(sent[0]?.payload).toEqual({ key: "a", value: "", op: `${CLIENT}:1` });
  sent[0]?.answer(done);
  sent[1]?.answer({ ok: true, value: null });
  sent[2]?.answer(done);
  expect(await Promise.all(promises)).toEqual([done.value, null, done.value]);
});

test("an answer's refusal is what the call rejects with", async () => {
  const { outbox, put, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const refused = rejectionOf(put("a"));
  sent[0]?.answer({ ok: false, error: { code: "conflict", message: "No.", retryable: false } });
  expect(await refused).toMatchObject({ code: "conflict", message: "No." });
});

test("in the same session all that is unanswered is sent again as it was, before what is new", async () => {
  const { outbox, put, keys, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const [first, second] = [put("a"), put("b")];
  sent[0]?.answer(done);
  await first;
  outbox.disconnected();
  const third = put("c");
  ignore(second, third);
  expect(keys()).toEqual(["a 1", "b 2"]);
  outbox.connected({ client: CLIENT, resumed: true, protocol: 2 });
  expect(keys()).toEqual(["a 1", "b 2", "b 2", "c 3"]);
});

test("in a new session sent writes are unknown; reads are asked again, unsent writes are sent", async () => {
  const { outbox, put, keys } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const write = rejectionOf(put("a"));
  const remove = rejectionOf(outbox.request("delete", { key: "b" }));
  ignore(outbox.request("get", { key: "c" }));
  outbox.disconnected();
  ignore(put("d"));
  outbox.connected({ client: OTHER, resumed: false, protocol: 2 });
  expect(await write).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
  expect(await remove).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:2` });
  expect(keys().slice(3)).toEqual(["c", "d 3"]);
});

test.each([
  ["upgrade", {}],
  ["promote", { user: "bob" }],
  ["demote", { user: "bob" }],
  ["logout", {}],
] as const)(
  "a sent %s without an answer is unknown as well, and never sent to another session",
  async (name, input) => {
    const { outbox, sent } = setUp(1_000);
    outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
    const cut = rejectionOf(outbox.request(name, input));
    outbox.disconnected();
    outbox.connected({ client: OTHER, resumed: false, protocol: 2 });
    expect((await cut).code).toBe("unknown_outcome");
    const late = rejectionOf(outbox.request(name, input));
    jest.advanceTimersByTime(1_000);
    expect(await late).toMatchObject({ code: "unknown_outcome", message: expect.stringContaining(name) });
    expect(sent.map(({ payload }) => payload)).toEqual([input, input]);
  },
);

test("an outcome that the server itself does not know names the write, too", async () => {
  const { outbox, put, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const write = rejectionOf(put("a"));
  sent[0]?.answer({ ok: false, error: { code: "unknown_outcome", message: "Ask.", retryable: false } });
  expect(await write).toMatchObject({ code: "unknown_outcome", message: "Ask.", op: `${CLIENT}:1` });
});

test("a write that was never sent carries the id of the session that sends it", () => {
  const { outbox, put, sent } = setUp();
  ignore(put("a"));
  outbox.connected({ client: OTHER, resumed: false, protocol: 2 });
  expect(sent[0]?.payload).toMatchObject({ op: `${OTHER}:1` });
});

test("never more than the server takes at once; each answer lets one more go", async () => {
  const { outbox, put, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const puts = Array.from({ length: FIXED_LIMITS.inFlight + 2 }, (_, i) => put(String(i)));
  expect(sent).toHaveLength(FIXED_LIMITS.inFlight);
  sent[7]?.answer(done);
  await puts[7];
  expect(sent).toHaveLength(FIXED_LIMITS.inFlight + 1);
  expect(sent.at(-1)?.payload["key"]).toBe(String(FIXED_LIMITS.inFlight));
  ignore(...puts);
});

test("after a reconnect the count of what is under way begins anew", () => {
  const { outbox, put, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  ignore(...Array.from({ length: FIXED_LIMITS.inFlight + 1 }, (_, i) => put(String(i))));
  outbox.disconnected();
  outbox.connected({ client: CLIENT, resumed: true, protocol: 2 });
  expect(sent).toHaveLength(2 * FIXED_LIMITS.inFlight);
  expect(sent.at(-1)?.payload["key"]).toBe(String(FIXED_LIMITS.inFlight - 1));
});

test("there is an end to how many may wait", async () => {
  const { put } = setUp();
  ignore(...Array.from({ length: 65_536 }, (_, i) => put(String(i))));
  expect(await rejectionOf(put("one more"))).toMatchObject({ code: "quota" });
});

test("a queue of the greatest length is answered in its stride", async () => {
  jest.useRealTimers();
  const { outbox, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const gets = Array.from({ length: 65_536 }, (_, i) => outbox.request("get", { key: String(i) }));
  const begun = performance.now();
  for (let i = 0; i < gets.length; i++) sent[i]?.answer({ ok: true, value: null });
  // A tenth of that is plenty; a queue moved up at each answer took twice as long.
  expect(performance.now() - begun).toBeLessThan(1_500);
  await Promise.all(gets);
  expect(sent.map(({ payload }) => payload["key"])).toEqual(gets.map((_, i) => String(i)));
});

test("closing rejects what waits: sent writes are unknown, the rest is told why", async () => {
  const { outbox, put } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const write = rejectionOf(put("a"));
  const read = rejectionOf(outbox.request("get", { key: "a" }));
  outbox.disconnected();
  const unsent = rejectionOf(put("b"));
  outbox.close(BYE);
  expect((await write).code).toBe("unknown_outcome");
  expect(await Promise.all([read, unsent])).toEqual([BYE, BYE]);
  expect(await rejectionOf(put("c"))).toBe(BYE);
});

test("each call has its own deadline", async () => {
  const { outbox, put, sent } = setUp(1_000);
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const first = rejectionOf(put("a"));
  jest.advanceTimersByTime(600);
  const second = put("b");
  const third = rejectionOf(outbox.request("get", { key: "c" }));
  jest.advanceTimersByTime(400);
  expect(await first).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
  // The others are younger.
  jest.advanceTimersByTime(599);
  sent[1]?.answer(done);
  expect(await second).toEqual(done.value);
  jest.advanceTimersByTime(1);
  expect((await third).code).toBe("timeout");
  expect(jest.getTimerCount()).toBe(0);
});

test("a call that expires before there is a session is never sent", async () => {
  const { outbox, put, sent } = setUp(1_000);
  const expired = rejectionOf(put("a"));
  jest.advanceTimersByTime(1_000);
  expect(await expired).toMatchObject({ code: "timeout", message: expect.stringMatching(/there was no connection/) });
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  expect(sent).toEqual([]);
});

test("nothing is left behind when all is answered", async () => {
  const { outbox, put, sent } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const answered = put("a");
  expect(jest.getTimerCount()).toBe(1);
  sent[0]?.answer(done);
  await answered;
  expect(jest.getTimerCount()).toBe(0);
});

test("what is refused before it is sent takes no place and no number", async () => {
  const { outbox, put, keys } = setUp();
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  expect((await rejectionOf(put(""))).code).toBe("invalid");
  ignore(put("a"));
  expect(keys()).toEqual(["a 1"]);
});
