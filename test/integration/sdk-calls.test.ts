import { expect, jest, test } from "@jest/globals";
import type { ConnectionState, Store, Watcher } from "../../client/sdk/types.ts";
import type { RunningServer } from "../../server/server.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { starter } from "../support/start.ts";

const { serve, store, plain } = starter();
const ann = { user: "ann", password: "secret" };
const max = { user: "max", password: "secret" };

function statesOf(of: Store): ConnectionState[] {
  const states: ConnectionState[] = [];
  of.on("state", (state) => states.push(state));
  return states;
}

/** Resolves with the sentence when the store enters a state. */
function entering(of: Store, wanted: ConnectionState): Promise<string> {
  return new Promise((resolve) => of.on("state", (state, why) => state === wanted && resolve(why)));
}

async function managed(server: RunningServer): Promise<Store> {
  const manager = await store(server.url, max);
  await server.promote("max");
  return manager;
}

test("puts, gets, deletes and lists", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  expect(mine.state).toBe("connected");
  expect(mine.session).toMatchObject({ user: "ann", role: "guest", room: "ann", resumed: false });
  expect(await mine.get("city")).toBeNull();
  expect(await mine.put("city", "Kolkata")).toEqual({ revision: 1, version: 1 });
  expect(await mine.put("city", "Delhi", { ifRevision: 1 })).toEqual({ revision: 2, version: 2 });
  expect(await mine.get("city")).toMatchObject({ key: "city", value: "Delhi", revision: 2, updatedBy: "ann" });
  await mine.put("country", "India");
  expect(await mine.list({ prefix: "c", after: "city", limit: 5 })).toMatchObject({
    entries: [{ key: "country" }],
    more: false,
  });
  expect(await mine.delete("city", { ifRevision: 2 })).toEqual({ revision: 4, existed: true });
  expect(await mine.delete("city")).toEqual({ revision: null, existed: false });
  expect(await rejectionOf(mine.put("country", "x", { ifRevision: 0 }))).toMatchObject({ code: "conflict" });
});

test("a manager works in another's room, and governs", async () => {
  const server = await serve({ managerPassphrase: "open sesame" });
  const [mine, manager] = await Promise.all([store(server.url, ann), managed(server)]);
  await mine.put("city", "Kolkata");
  expect(await rejectionOf(mine.room("max").get("city"))).toMatchObject({ code: "forbidden" });
  const room = manager.room("ann");
  expect(await room.get("city")).toMatchObject({ value: "Kolkata" });
  await room.put("city", "Delhi");
  expect(await mine.get("city")).toMatchObject({ value: "Delhi", updatedBy: "max" });
  expect(await room.list()).toMatchObject({ entries: [{ key: "city" }] });
  expect(await room.delete("city")).toMatchObject({ existed: true });
  expect(await manager.rooms({ limit: 1 })).toEqual({
    rooms: [{ room: "ann", keys: 0, online: true, role: "guest" }],
    more: true,
  });
  expect(await manager.promote("ann")).toBe("manager");
  expect(await manager.demote("ann")).toBe("guest");
  expect(await rejectionOf(manager.promote("nobody"))).toMatchObject({ code: "not_found" });
});

test("the role is kept current, and told once for each change", async () => {
  const server = await serve({ managerPassphrase: "open sesame" });
  const [mine, sibling] = await Promise.all([store(server.url, ann), store(server.url, ann)]);
  const roles: string[] = [];
  mine.on("role", (role) => roles.push(role));
  const siblingSees = new Promise((resolve) => sibling.on("role", resolve));
  expect(await rejectionOf(mine.upgrade())).toMatchObject({ code: "forbidden" });
  expect(await mine.upgrade("open sesame")).toBe("manager");
  expect(mine.session.role).toBe("manager");
  expect(await siblingSees).toBe("manager");
  const demoted = new Promise((resolve) => mine.on("role", resolve));
  await server.demote("ann");
  expect(await demoted).toBe("guest");
  expect(mine.session.role).toBe("guest");
  expect(roles).toEqual(["manager", "guest"]);
});

test("10,000 puts issued in one turn all succeed, in order", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const puts = Array.from({ length: 10_000 }, (_, i) => mine.put("n", String(i)));
  expect((await Promise.all(puts)).map(({ revision }) => revision)).toEqual(puts.map((_, i) => i + 1));
  expect(await mine.get("n")).toMatchObject({ value: "9999", version: 10_000 });
}, 30_000);

test("requests of several kinds, issued together, keep their order", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const [, first, , second, deleted, third] = await Promise.all([
    mine.put("a", "1"),
    mine.get("a"),
    mine.put("a", "2"),
    mine.get("a"),
    mine.delete("a"),
    mine.get("a"),
  ]);
  expect([first?.value, second?.value, deleted.existed, third]).toEqual(["1", "2", true, null]);
});

test.each([
  ["a value too long", "v".repeat(2 ** 20 + 1), /The value is too long/],
  // Each of these takes six bytes as JSON: the server would cut the connection without a word.
  ["a value that grows beyond a frame on the wire", "\0".repeat(2 ** 20), /would take 629\d{4} bytes as JSON/],
])("%s is refused before it is sent, and the connection lives", async (_what, value, message) => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const states = statesOf(mine);
  const error = await rejectionOf(mine.put("a", value));
  expect(error).toMatchObject({ code: "too_large", message: expect.stringMatching(message) });
  expect(await mine.put("a", "v".repeat(2 ** 20))).toMatchObject({ revision: 1 });
  expect((await mine.get("a"))?.value).toHaveLength(2 ** 20);
  expect(states).toEqual([]);
});

test("the largest frame that is not refused does arrive", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  // 4 MiB less the room for what surrounds the value, in characters of six bytes.
  const value = "\0".repeat(Math.floor((4 * 2 ** 20 - 300) / 6));
  expect(await mine.put("a", value)).toMatchObject({ revision: 1 });
});

test.each([
  ["an empty key", "", "a", "invalid"],
  ["a key too long", "k".repeat(513), "a", "too_large"],
  ["half a surrogate pair", "a", "\ud83d", "invalid"],
])("%s is refused before it is sent", async (_what, key, value, code) => {
  const { url } = await serve();
  const mine = await store(url, ann);
  expect(await rejectionOf(mine.put(key, value))).toMatchObject({ code });
  expect(await mine.list()).toMatchObject({ position: { revision: 0 } });
});

test("a listener that throws spoils nothing for the others; its error goes where uncaught errors go", async () => {
  const server = await serve({ upgrade: "open" });
  const mine = await store(server.url, ann);
  const roles: string[] = [];
  const uncaught: (() => void)[] = [];
  const microtask = jest.spyOn(globalThis, "queueMicrotask").mockImplementation((run) => void uncaught.push(run));
  try {
    mine.on("role", () => {
      throw new Error("a listener's fault");
    });
    mine.on("role", (role) => roles.push(role));
    expect(await mine.upgrade()).toBe("manager");
    expect(roles).toEqual(["manager"]);
    expect(uncaught).toHaveLength(1);
    expect(uncaught[0]).toThrow("a listener's fault");
    expect(await mine.rooms()).toMatchObject({ more: false });
  } finally {
    microtask.mockRestore();
  }
});

test("a listener that was stopped hears no more", async () => {
  const server = await serve({ upgrade: "open" });
  const mine = await store(server.url, ann);
  const roles: string[] = [];
  const stop = mine.on("role", (role) => roles.push(role));
  stop();
  stop();
  await mine.upgrade();
  expect(roles).toEqual([]);
});

test("close is idempotent, says so once, and rejects what waits", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const states = statesOf(mine);
  const write = rejectionOf(mine.put("a", "1"));
  const read = rejectionOf(mine.get("a"));
  // They leave at the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  mine.close();
  mine.close();
  expect(await write).toMatchObject({ code: "unknown_outcome", op: `${mine.session.client}:1` });
  expect(await read).toMatchObject({
    code: "invalid",
    retryable: false,
    message: "The store was closed by this program.",
  });
  expect(await rejectionOf(mine.get("a"))).toMatchObject({ code: "invalid", retryable: false });
  expect(states).toEqual(["closed"]);
  expect(mine.state).toBe("closed");
});

test("after logout the store is closed and its token worthless", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const closed = entering(mine, "closed");
  await mine.logout();
  expect(await closed).toMatch(/logged out/);
  const { token } = mine.session;
  expect(await rejectionOf(store(url, { token }))).toMatchObject({ code: "unauthenticated" });
});

test("a final bye closes the store for good", async () => {
  const server = await serve();
  const mine = await store(server.url, ann);
  const closed = entering(mine, "closed");
  await server.deleteUser("ann");
  expect(await closed).toMatch(/deleted your account/);
  expect(await rejectionOf(mine.get("a"))).toMatchObject({ code: "unauthenticated" });
});

test("a connection that was taken over is restored: only a late attempt of its own has its client id", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const restored = new Promise<boolean>((resolve) => mine.on("session", ({ resumed }) => resolve(resumed)));
  const { token, client } = mine.session;
  const ghost = plain(url, { token, client }, { reconnection: false });
  await ghost.session();
  expect(await restored).toBe(true);
  expect(await mine.get("a")).toBeNull();
});

test("an outcome can be asked by the id that came with the error", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  await mine.put("a", "1");
  expect(await mine.outcome(`${mine.session.client}:1`)).toEqual({ state: "committed", revision: 1 });
  expect(await mine.outcome(`${mine.session.client}:7`)).toEqual({ state: "never" });
});

test("a token signs in without a password, and an anonymous guest comes back", async () => {
  const { url } = await serve();
  const guest = await store(url);
  await guest.put("a", "1");
  const again = await store(url, { token: guest.session.token });
  expect(again.session.user).toBe(guest.session.user);
  expect(await again.get("a")).toMatchObject({ value: "1" });
});

test("the history of a key tells who made what of it, newest first, to those who may read it", async () => {
  const server = await serve();
  const [mine, manager] = await Promise.all([store(server.url, ann), managed(server)]);
  await mine.put("city", "Kolkata");
  await mine.put("country", "India");
  await manager.room("ann").put("city", "Delhi");
  await mine.delete("city");
  const [deleted, changed, made] = [
    { revision: 4, at: expect.any(Number), by: "ann", value: null },
    { revision: 3, at: expect.any(Number), by: "max", value: "Delhi" },
    { revision: 1, at: expect.any(Number), by: "ann", value: "Kolkata" },
  ];
  const { position } = await mine.list();
  const all = { changes: [deleted, changed, made], more: false, reaches: 1, position };
  expect(await mine.history("city")).toEqual(all);
  expect(await manager.room("ann").history("city")).toEqual(all);
  expect(await mine.history("city", { limit: 1 })).toMatchObject({ changes: [deleted], more: true });
  expect(await mine.history("city", { before: 4 })).toMatchObject({ changes: [changed, made], more: false });
  expect(await rejectionOf(mine.room("max").history("city"))).toMatchObject({ code: "forbidden" });
});

test("a ping is the ms of a round trip; without a connection it fails like every request", async () => {
  const server = await serve();
  const mine = await store(server.url, { ...ann, deadlineMs: 1_000 });
  const took = await mine.ping();
  expect(took).toBeGreaterThan(0);
  expect(took).toBeLessThan(1_000);
  await server.close();
  expect(await rejectionOf(mine.ping())).toMatchObject({ code: "timeout" });
});

test("who watches is told to the room's owner once he has asked, and again when it changes", async () => {
  const server = await serve();
  const [mine, manager] = await Promise.all([store(server.url, ann), managed(server)]);
  const next = (): Promise<readonly Watcher[]> =>
    new Promise((resolve) => {
      const stop = mine.on("watchers", (watchers) => {
        stop();
        resolve(watchers);
      });
    });
  mine.watch();
  expect(await mine.watchers()).toEqual([]);
  const joined = next();
  const watch = manager.room("ann").watch();
  const him = { user: "max", since: expect.any(Number) };
  expect(await joined).toEqual([him]);
  expect(await mine.watchers()).toEqual([him]);
  const left = next();
  watch.close();
  expect(await left).toEqual([]);
});
