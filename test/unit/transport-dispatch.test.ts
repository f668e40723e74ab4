import { expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import type { Handlers } from "../../server/transport/handlers.ts";
import { hasSettled } from "../support/domain-fakes.ts";
import { handlersWith, scriptedPeer, someRooms } from "../support/door-parts.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { readableLog } from "../support/readable-log.ts";

function setUp(handlers: Partial<Handlers> = {}) {
  const clock = new ManualClock();
  const log = readableLog();
  const dispatcher = new Dispatcher(handlersWith(handlers), someRooms(), log);
  const { peer, done, session, vanish, waiting } = scriptedPeer(clock);
  const ask = (...args: readonly unknown[]): Promise<Answer<unknown>> =>
    new Promise((resolve) => dispatcher.handle(peer, [...args, resolve]));
  return { ask, clock, dispatcher, done, log, peer, session, vanish, waiting };
}

/** A handler whose answers the test gives, in the order of the calls. */
function heldBack() {
  const waiting: ((entry: null) => void)[] = [];
  return { waiting, get: () => new Promise<null>((resolve) => waiting.push(resolve)) };
}

const get = ["get", { key: "a" }] as const;

test("gives the handler the caller, the parsed input and the peer, and acknowledges what it says", async () => {
  const calls: unknown[] = [];
  const { ask, peer } = setUp({
    get: async (...call) => {
      calls.push(call);
      return null;
    },
  });
  expect(await ask(...get)).toEqual({ ok: true, value: null });
  expect(calls).toEqual([
    [{ user: "ann", role: "guest", client: "c".repeat(22) }, { key: "a" }, peer, expect.any(Function)],
  ]);
});

test("a handler may answer in a turn of its own; what comes after that is not told", async () => {
  const acknowledged: unknown[] = [];
  let fail: (error: Error) => void = () => undefined;
  const { dispatcher, peer } = setUp({
    watch: (_caller, _input, _peer, answer) => {
      answer({ watch: "w" });
      answer({ watch: "again" });
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    },
  });
  dispatcher.handle(peer, ["watch", {}, (answer: unknown) => acknowledged.push(answer)]);
  expect(acknowledged).toEqual([{ ok: true, value: { watch: "w" } }]);
  expect(peer.unanswered).toBe(0);
  await dispatcher.drain();
  fail(new Error("later"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(acknowledged).toHaveLength(1);
  expect(peer.unanswered).toBe(0);
});

test("a refusal of the domain travels as it is", async () => {
  const { ask, log } = setUp({ get: () => Promise.reject(new KeyroomError("locked", "Somebody has it.")) });
  const error = { code: "locked", message: "Somebody has it.", retryable: true };
  expect(await ask(...get)).toEqual({ ok: false, error });
  expect(log.lines).toEqual([]);
});

test.each([
  ["rejects", () => Promise.reject(new TypeError("secret detail"))],
  [
    "throws",
    () => {
      throw new TypeError("secret detail");
    },
  ],
])("a handler that %s is a fault: logged in full, told without details", async (_how, handler) => {
  const { ask, log } = setUp({ get: handler });
  const answer = await ask(...get);
  expect(answer).toMatchObject({ ok: false, error: { code: "internal", retryable: false } });
  expect(JSON.stringify(answer)).not.toContain("secret");
  expect(log.lines).toMatchObject([{ level: "error", fields: { err: { message: "secret detail" }, request: "get" } }]);
});

test.each([
  ["no callback", []],
  ["something else in its place", [null]],
])("with %s nothing is run", async (_what, end) => {
  const calls: unknown[] = [];
  const { dispatcher } = setUp({
    get: async () => {
      calls.push("get");
      return null;
    },
  });
  dispatcher.handle(scriptedPeer(new ManualClock()).peer, [...get, ...end]);
  dispatcher.handle(scriptedPeer(new ManualClock()).peer, []);
  await dispatcher.drain();
  expect(calls).toEqual([]);
});

test("a callback that throws is logged, and ends nothing", async () => {
  const { ask, dispatcher, log, peer } = setUp({ get: async () => null });
  dispatcher.handle(peer, [
    ...get,
    () => {
      throw new Error("gone");
    },
  ]);
  expect(await ask(...get)).toMatchObject({ ok: true });
  await new Promise((resolve) => setImmediate(resolve));
  expect(log.lines).toMatchObject([{ level: "error", message: "could not acknowledge" }]);
  expect(peer.unanswered).toBe(0);
});

test("takes as many requests at once as it announces, and one more when one is answered", async () => {
  const { waiting, get: handler } = heldBack();
  const { ask } = setUp({ get: handler });
  const taken = Array.from({ length: FIXED_LIMITS.inFlight }, () => ask(...get));
  expect(await ask(...get)).toMatchObject({ ok: false, error: { code: "rate_limited", retryable: true } });
  waiting[0]?.(null);
  expect(await taken[0]).toMatchObject({ ok: true });
  const next = ask(...get);
  for (const answer of waiting) answer(null);
  expect(await next).toMatchObject({ ok: true });
});

test("a closed peer is asked nothing more", async () => {
  const calls: string[] = [];
  const { dispatcher, peer } = setUp({
    get: async () => {
      calls.push("get");
      return null;
    },
  });
  peer.close({ code: "conflict", message: "", retryable: false, afterMs: 0 });
  dispatcher.handle(peer, [...get, () => calls.push("acknowledged")]);
  await dispatcher.drain();
  expect(calls).toEqual([]);
});

test("drains: what is under way is answered, what comes later is refused", async () => {
  const { waiting, get: handler } = heldBack();
  const { ask, dispatcher } = setUp({ get: handler });
  const underWay = ask(...get);
  let drained = false;
  const draining = dispatcher.drain().then(() => {
    drained = true;
  });
  expect(await ask(...get)).toMatchObject({ ok: false, error: { code: "unavailable", retryable: true } });
  expect(drained).toBe(false);
  waiting[0]?.(null);
  await draining;
  expect(await underWay).toMatchObject({ ok: true });
});

test("a logout is answered before the connection is closed", async () => {
  const { dispatcher, done, peer } = setUp({ logout: async () => ({}) });
  dispatcher.handle(peer, ["logout", () => done.push("answered")]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual(["answered", "bye unauthenticated", "close"]);
});

test("a logout that fails closes nothing", async () => {
  const { ask, done, peer } = setUp({ logout: () => Promise.reject(new Error("disk full")) });
  expect(await ask("logout")).toMatchObject({ ok: false });
  expect(done).toEqual([]);
  expect(peer.open).toBe(true);
});

test.each([
  ["an unknown name", ["frobnicate"], "unsupported", 'There is no request "frobnicate".'],
  ["a name of the prototype", ["constructor", {}], "unsupported", 'There is no request "constructor".'],
  ["a name that is no text", [7, {}], "invalid", "The name of a request is a text."],
  ["no name at all", [], "invalid", "The name of a request is a text."],
  ["several payloads", ["get", {}, {}], "invalid", "get takes one payload and an acknowledgement, not 2."],
  ["a wrong payload", ["get", 7], "invalid", "get takes an object."],
])("%s is refused in words", async (_what, args, code, message) => {
  expect(await setUp().ask(...args)).toEqual({ ok: false, error: { code, message, retryable: false } });
});

test("a peer says bye once, closes its transport, and cuts it when the client does not take the last frames", () => {
  const clock = new ManualClock();
  const { peer, done } = scriptedPeer(clock);
  const bye = { code: "conflict", message: "", retryable: false, afterMs: 0 };
  peer.close(bye);
  peer.close(bye);
  expect(done).toEqual(["bye conflict", "close"]);
  clock.advance(2_000);
  expect(done).toEqual(["bye conflict", "close", "cut"]);
});

test("answers to a client that does not take them are held back, and come when it does", async () => {
  const { ask, waiting } = setUp({ get: () => Promise.resolve(null), list: () => Promise.reject(new Error("no")) });
  const MiB = 2 ** 20;
  waiting(4 * MiB + 1);
  const answers = [ask(...get), ask("nonsense"), ask(...get)];
  expect(await hasSettled(Promise.race(answers))).toBe(false);
  waiting(4 * MiB + 1);
  expect(await hasSettled(Promise.race(answers))).toBe(false);
  waiting(4 * MiB);
  expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, false, true]);
});

test("what is held back for a client that goes away is let go", async () => {
  const { ask, dispatcher, vanish, waiting } = setUp({ get: () => Promise.resolve(null) });
  waiting(5 * 2 ** 20);
  const answers = [ask(...get), ask(...get)];
  expect(await hasSettled(Promise.race(answers))).toBe(false);
  vanish();
  await Promise.all(answers);
  await dispatcher.drain();
});

test("a client that goes on asking though nothing is answered is told and cut", () => {
  const { ask, done } = setUp({ get: () => new Promise(() => undefined) });
  for (let i = 0; i < 2 * FIXED_LIMITS.inFlight + 1; i++) void ask(...get);
  expect(done).toEqual([]);
  void ask(...get);
  expect(done).toEqual(["bye rate_limited", "close"]);
});

test("a session that has ended is served nothing any more", async () => {
  const calls: unknown[] = [];
  const { ask, session } = setUp({
    get: async () => {
      calls.push("get");
      return null;
    },
  });
  session.ended = true;
  expect(await ask(...get)).toMatchObject({ ok: false, error: { code: "unauthenticated" } });
  expect(calls).toEqual([]);
});

test("the cause of a refusal is logged and not told", async () => {
  const cause = new Error("secret detail");
  const refusal = new KeyroomError("unknown_outcome", "Nobody knows.", { cause });
  const { ask, log } = setUp({ get: () => Promise.reject(refusal) });
  const error = { code: "unknown_outcome", message: "Nobody knows.", retryable: false };
  expect(await ask(...get)).toEqual({ ok: false, error });
  expect(log.lines).toHaveLength(1);
});
