import { expect, test } from "@jest/globals";
import { RemoteStore } from "../../client/sdk/store.ts";
import type { Wire, WireListener } from "../../client/sdk/wire.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { GREETING } from "../support/mute-server.ts";

interface Rig {
  readonly store: RemoteStore;
  readonly server: WireListener;
  readonly clock: ManualClock;
  /** Each request, and how it is answered. */
  readonly sent: (readonly [name: string, answer: (value: object) => void])[];
}

async function signedIn(): Promise<Rig> {
  const sent: Rig["sent"] = [];
  const clock = new ManualClock();
  const nothing = (): void => undefined;
  let server: WireListener | undefined;
  const send: Wire["send"] = (name, _payload, answered) => {
    sent.push([name, (value) => answered({ ok: true, value })]);
  };
  const store = new RemoteStore(
    "http://there",
    {},
    (listener) => {
      server = listener;
      const orders = { connect: nothing, waitFor: nothing, drop: nothing, close: nothing };
      return { patienceMs: 5_500, backoffMs: (attempts) => 500 * 2 ** attempts, send, ...orders };
    },
    clock,
  );
  const opening = store.open();
  server?.push("session", GREETING);
  await opening;
  return { store, server: server as WireListener, clock, sent };
}

test("whoever closes it because a watch has to wait finds it closed", async () => {
  const { store, server } = await signedIn();
  const states: string[] = [];
  store.on("state", (state) => states.push(state));
  store.watch().on("state", () => store.close());
  server.lost("x");
  expect([store.state, states]).toEqual(["closed", ["closed"]]);
});

test("each listener hears the states in their order, whoever closes on hearing one", async () => {
  const { store, server } = await signedIn();
  const heard: string[] = [];
  store.on("state", (state) => {
    if (state === "reconnecting") store.close();
  });
  store.on("state", (state) => heard.push(state));
  server.lost("x");
  expect(heard).toEqual(["reconnecting", "closed"]);
});

test("what is asked of a closed store is refused for good: whoever tries again where that may help does not", async () => {
  const { store } = await signedIn();
  store.close();
  expect(await rejectionOf(store.get("a"))).toMatchObject({ code: "invalid", retryable: false });
});

test("while there is no connection it tells which attempt is next, and in how many ms", async () => {
  const { store, server, clock } = await signedIn();
  const heard: unknown[] = [];
  store.on("state", (state) => heard.push([state, store.retry]));
  expect(store.retry).toBeNull();
  server.lost("x");
  clock.advance(300);
  expect(store.retry).toEqual({ attempt: 1, inMs: 200 });
  clock.advance(200);
  // It is under way.
  expect(store.retry).toEqual({ attempt: 1, inMs: 0 });
  server.failed(new Error("x"), false);
  clock.advance(1_000);
  server.failed(
    Object.assign(new Error("x"), { data: { code: "unavailable", message: "Busy.", retryable: true } }),
    true,
  );
  clock.advance(2_000);
  server.push("session", GREETING);
  expect(heard).toEqual([
    ["reconnecting", { attempt: 1, inMs: 500 }],
    ["reconnecting", { attempt: 2, inMs: 1_000 }],
    ["reconnecting", { attempt: 3, inMs: 2_000 }],
    ["connected", null],
  ]);
  server.lost("x");
  expect(store.retry).toEqual({ attempt: 1, inMs: 500 });
  store.close();
  expect(store.retry).toBeNull();
});

test("who has asked for the watchers hears of them on later connections too", async () => {
  const { store, server, sent } = await signedIn();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const [bob, cleo] = [
    { user: "bob", since: 1 },
    { user: "cleo", since: 2 },
  ];
  const heard: unknown[] = [];
  store.on("watchers", (watchers) => heard.push(watchers));
  const asked = store.watchers();
  await turn();
  sent[0]?.[1]({ watchers: [bob] });
  expect(await asked).toEqual([bob]);
  server.push("watchers", { joined: [cleo], left: [] });
  server.lost("x");
  server.push("session", GREETING);
  await turn();
  expect(sent.map(([name]) => name)).toEqual(["watchers", "watchers"]);
  sent[1]?.[1]({ watchers: [cleo] });
  expect(heard).toEqual([[bob, cleo], [cleo]]);
});

test("a lock counts as lost when no word has come from the server for the grace: no answer, no push, no heartbeat", async () => {
  const { store, server, clock, sent } = await signedIn();
  const { graceMs } = store.session;
  let signal: AbortSignal | undefined;
  const work = rejectionOf(
    store.withLock(["a"], {}, (lock) => {
      signal = lock.signal;
      return new Promise((resolve) => lock.signal.addEventListener("abort", resolve));
    }),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  clock.advance(1_000);
  sent.at(-1)?.[1]({ fence: 7 });
  await turn();
  clock.advance(1_000);
  server.heard();
  clock.advance(1_000);
  server.push("role", { role: "guest" });
  // 5.5 s after the heartbeat it is silent.
  clock.advance(4_500);
  expect([store.state, clock.monotonic()]).toEqual(["stale", 7_500]);
  clock.advance(3_000 + graceMs - 7_500 - 1);
  expect(signal?.aborted).toBe(false);
  clock.advance(1);
  expect(signal?.aborted).toBe(true);
  await turn();
  store.close();
  expect(await work).toMatchObject({ code: "stale_fence" });
});
