import { expect, test } from "@jest/globals";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Operation, Outcome } from "../../server/engine/port.ts";
import { ask, expectKind, put, read } from "../contract/kit.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { EngineAround } from "../support/engine-around.ts";
import { seededRandom } from "../support/random.ts";

const SEED = 1;

/** The order in which calls to the rooms are answered, and the revisions they got. */
async function answers(rooms: readonly string[]) {
  const engine = delayedEngine(new MemoryEngine(), seededRandom(SEED));
  const order: number[] = [];
  const revisions = await Promise.all(
    rooms.map(async (room, i) => {
      const outcome = await ask(engine, room, put("n", String(i)));
      order.push(i);
      return expectKind(outcome, "committed").revision;
    }),
  );
  return { order, revisions };
}

test(`answers overtake each other, the calls they answer do not, seed ${SEED}`, async () => {
  const { order, revisions } = await answers(Array<string>(30).fill("ann"));
  const inTurn = Array.from({ length: 30 }, (_, i) => i);
  expect(order.toSorted((a, b) => a - b)).toEqual(inTurn);
  expect(order).not.toEqual(inTurn);
  expect(revisions).toEqual(inTurn.map((i) => i + 1));
});

test(`the same seed gives the same order, seed ${SEED}`, async () => {
  const rooms = Array.from({ length: 30 }, (_, i) => `room-${i % 5}`);
  expect((await answers(rooms)).order).toEqual((await answers(rooms)).order);
});

test("a call that fails is rejected and holds nothing back", async () => {
  const memory = new MemoryEngine();
  let calls = 0;
  class Failing extends EngineAround {
    override run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]> {
      return calls++ === 0 ? Promise.reject(new Error("broken")) : super.run(room, batch);
    }
  }
  const engine = delayedEngine(new Failing(memory), seededRandom(SEED));
  const [first, second] = await Promise.allSettled([ask(engine, "ann", read()), ask(engine, "ann", put("a", "1"))]);
  expect(first).toMatchObject({ status: "rejected", reason: new Error("broken") });
  expect(second).toMatchObject({ value: { revision: 1 } });
});
