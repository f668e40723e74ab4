import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Accounts } from "../../server/domain/accounts.ts";
import { Directory } from "../../server/domain/directory.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { Sessions } from "../../server/domain/sessions.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { ask, put } from "../contract/kit.ts";
import { account, caller, FakeAccountStore, FakeConnection, hasSettled } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { wildText } from "../support/texts.ts";

const manager = caller("max", "manager");

function setUp(names: readonly string[]) {
  const engine = new MemoryEngine();
  const accounts = new Accounts(
    new FakeAccountStore(),
    () => 0,
    names.map((name) => account(name)),
  );
  const sessions = new Sessions(new ManualClock(), 1_000, () => undefined);
  const accepted = new InFlight();
  return { accepted, accounts, engine, sessions, directory: new Directory(accounts, sessions, engine, accepted) };
}

test("tells of each room its owner, how many keys it has, and whether somebody is there", async () => {
  const { accounts, directory, engine, sessions } = setUp(["cleo", "ann", "bob"]);
  await ask(engine, "bob", put("a", "1"));
  await ask(engine, "bob", put("b", "1"));
  await ask(engine, "ann", put("a", "1"));
  const open = (name: string) => {
    const found = accounts.find(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return sessions.open({ account: found, token: "", tokenHash: "" }, undefined).session;
  };
  open("bob");
  sessions.attach(open("cleo"), new FakeConnection());
  expect(await directory.rooms(manager, {})).toEqual({
    rooms: [
      { room: "ann", keys: 1, online: false, role: "guest" },
      { room: "bob", keys: 2, online: false, role: "guest" },
      { room: "cleo", keys: 0, online: true, role: "guest" },
    ],
    more: false,
  });
});

test("guests may not ask, and the engine is not asked for them", async () => {
  const { directory, engine } = setUp(["ann"]);
  engine.keyCounts = () => Promise.reject(new Error("asked"));
  expect((await rejectionOf(directory.rooms(caller("ann"), {}))).code).toBe("forbidden");
});

test("an engine that does not know a room has no keys for it", async () => {
  const { directory, engine } = setUp(["ann"]);
  engine.keyCounts = () => Promise.resolve([]);
  expect((await directory.rooms(manager, {})).rooms).toEqual([{ room: "ann", keys: 0, online: false, role: "guest" }]);
});

test("a page has a thousand rooms at most, and only its rooms are counted", async () => {
  const names = Array.from({ length: 1_001 }, (_, i) => `user-${String(i).padStart(4, "0")}`);
  const { directory, engine } = setUp(names);
  const counted: number[] = [];
  engine.keyCounts = (rooms) => {
    counted.push(rooms.length);
    return Promise.resolve(rooms.map(() => 0));
  };
  const first = await directory.rooms(manager, {});
  expect(first.rooms.map(({ room }) => room)).toEqual(names.slice(0, 1_000));
  expect(first.more).toBe(true);
  const last = await directory.rooms(manager, { after: "user-0999" });
  expect(last).toEqual({ rooms: [{ room: "user-1000", keys: 0, online: false, role: "guest" }], more: false });
  expect(await directory.rooms(manager, { after: "user-1000" })).toEqual({ rooms: [], more: false });
  expect(counted).toEqual([1_000, 1]);
});

test("page after page, each room comes once and in order, whatever the pages' size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(wildText(), { minLength: 1 }),
      fc.integer({ min: 1, max: 4 }),
      async (names, limit) => {
        const { accounts, directory } = setUp(names);
        const seen: string[] = [];
        let after: string | undefined;
        for (let more = true; more; ) {
          const page = await directory.rooms(manager, after === undefined ? { limit } : { after, limit });
          expect(page.rooms.length).toBeLessThanOrEqual(limit);
          expect(page.rooms.length).toBeGreaterThan(0);
          seen.push(...page.rooms.map(({ room }) => room));
          after = seen.at(-1);
          more = page.more;
        }
        expect(seen).toEqual(accounts.names());
      },
    ),
  );
});

test("a page begins behind a name, also one that nobody has", async () => {
  const { directory } = setUp(["ann", "cleo"]);
  const { rooms } = await directory.rooms(manager, { after: "bob" });
  expect(rooms.map(({ room }) => room)).toEqual(["cleo"]);
  expect((await directory.rooms(manager, { after: "" })).rooms).toHaveLength(2);
});

test("a listing that the engine has not answered counts as under way", async () => {
  const { accepted, directory, engine } = setUp(["max"]);
  let answer: (counts: readonly number[]) => void = () => undefined;
  engine.keyCounts = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const listing = directory.rooms(caller("max", "manager"), {});
  const idle = accepted.idle("max");
  expect(await hasSettled(idle)).toBe(false);
  answer([7]);
  expect((await listing).rooms).toEqual([{ room: "max", keys: 7, online: false, role: "guest" }]);
  await idle;
});
