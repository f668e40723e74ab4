import { expect, test } from "@jest/globals";
import { Accounts } from "../../server/domain/accounts.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { LockAudiences } from "../../server/domain/lock-audiences.ts";
import { Sessions } from "../../server/domain/sessions.ts";
import { BACKLOG_BYTES } from "../../server/domain/watching.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { caller, FakeAccountStore, FakeConnection, settle } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** Two connections of ann's that follow the locks of her room. */
async function setUp() {
  const clock = new ManualClock();
  const engine = new MemoryEngine({}, clock);
  const accounts = new Accounts(new FakeAccountStore(), () => clock.now());
  const sessions = new Sessions(clock, 1_000, () => undefined);
  const audiences = new LockAudiences(engine, accounts, sessions, new InFlight(), clock);
  const quick = new FakeConnection();
  const slow = new FakeConnection();
  for (const connection of [quick, slow]) await audiences.ask(caller("ann"), { follow: true }, connection);
  const lock = (key: string) =>
    engine.run("ann", [{ kind: "lock", by: "ann", owner: "ann", keys: [key], mode: "shared" }]);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  return { audiences, clock, lock, pass, quick, slow };
}

const listOf = (...keys: readonly string[]) => [
  "locks",
  expect.objectContaining({
    list: expect.objectContaining({ holders: keys.map((key) => expect.objectContaining({ key })) }),
  }),
];

test("one that reads slowly is told when it has read, how it stands by then; others are told once of each change", async () => {
  const { audiences, clock, lock, pass, quick, slow } = await setUp();
  slow.waiting = BACKLOG_BYTES + 1;
  await lock("a");
  await pass(100);
  await pass(1_000);
  expect(quick.pushed).toEqual([listOf("a")]);
  await lock("b");
  await pass(1_000);
  expect(quick.pushed).toEqual([listOf("a"), listOf("a", "b")]);
  expect(slow.pushed).toEqual([]);
  slow.waiting = 0;
  await pass(1_000);
  expect(slow.pushed).toEqual([listOf("a", "b")]);
  expect(quick.pushed).toHaveLength(2);
  expect(clock.pending).toBe(0);
  audiences.close();
});
