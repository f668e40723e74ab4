import { expect, test } from "@jest/globals";
import type { Role } from "../../protocol/fields.ts";
import { makeDomain } from "../../server/domain/domain.ts";
import { OPERATOR } from "../../server/domain/roles.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine } from "../../server/engine/port.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { account, FakeAccountStore, FakeConnection, FakeHasher, FakeLog } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { freshSeed, seededRandom } from "../support/random.ts";

/** A user with two connections, the second of which has taken everything. */
function setUp(role: Role, engine: Engine = new MemoryEngine()) {
  const domain = makeDomain({
    accounts: "password",
    anonymous: false,
    audience: { say: () => undefined },
    clock: new ManualClock(),
    endOfTurn: () => undefined,
    engine,
    graceMs: 1_000,
    hasher: new FakeHasher(),
    log: new FakeLog(),
    saved: [account("boss", { role })],
    store: new FakeAccountStore(),
    upgrade: { kind: "off" },
  });
  const connections = [new FakeConnection(), new FakeConnection()] as const;
  for (const connection of connections) {
    const identity = { account: domain.accounts.find("boss") ?? account("boss"), token: "", tokenHash: "" };
    domain.sessions.attach(domain.sessions.open(identity, undefined).session, connection);
  }
  connections[0].waiting = 1;
  return { domain, connections, engine };
}

test("what waits to be taken may be of other rooms: the connection is cut with it", async () => {
  const { connections, domain } = setUp("manager");
  await domain.roles.demote("boss", OPERATOR);
  expect(connections.map(({ isAborted }) => isAborted)).toEqual([true, false]);
  expect(connections[1].pushed).toEqual([["role", { role: "guest" }]]);
});

test("who becomes a manager gets what waits for him", async () => {
  const { connections, domain } = setUp("guest");
  await domain.roles.promote("boss", OPERATOR);
  expect(connections.map(({ isAborted }) => isAborted)).toEqual([false, false]);
  expect(connections.map(({ pushed }) => pushed)).toEqual(Array(2).fill([["role", { role: "manager" }]]));
});

const seed = freshSeed();

test(`a lock that is on its way to the engine when he is demoted is gone when that is answered, seed ${seed}`, async () => {
  const { domain, engine } = setUp("manager", delayedEngine(new MemoryEngine(), seededRandom(seed)));
  domain.accounts.create("ann", "held");
  const [session] = domain.sessions.ofUser("boss");
  const boss = { user: "boss", role: "manager", client: session?.client ?? "" } as const;
  for (const room of ["ann", "boss"]) void domain.rooms.ask("lock", boss, { room, keys: ["a"], mode: "exclusive" });
  await domain.roles.demote("boss", OPERATOR);
  const held = async (room: string) => (await engine.run(room, [{ kind: "locks", limit: 9 }]))[0];
  expect(await held("ann")).toMatchObject({ holders: [] });
  expect(await held("boss")).toMatchObject({ holders: [{ key: "a" }] });
});
