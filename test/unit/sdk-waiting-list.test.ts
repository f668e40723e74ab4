import { expect, test } from "@jest/globals";
import type { Waiting } from "../../client/sdk/waiting.ts";
import { WaitingList } from "../../client/sdk/waiting-list.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";

const ignore = (): void => undefined;

function waiting(deadline: number): Waiting {
  const sending = { client: null, counter: 0, tries: 0, sentAt: 0, isOpen: true };
  return {
    name: "get",
    payload: { key: "k" },
    size: 2,
    waitMs: 0,
    deadline,
    ...sending,
    resolve: ignore,
    reject: ignore,
  };
}

/** One that is open: the oldest as a rule, and sometimes any, so that old ones stay among the new. */
function anyOf(open: ReadonlySet<Waiting>, random: Random): Waiting {
  return (random.int(4) === 0 ? random.pick([...open]) : [...open][0]) as Waiting;
}

const seed = freshSeed();

test(`has what is open, in the order in which it came, whatever is closed (seed ${seed})`, () => {
  const random = seededRandom(seed);
  const [list, open] = [new WaitingList(), new Set<Waiting>()];
  for (let step = 0; step < 3000; step++) {
    const isGrowing = step % 1000 < 400;
    if (open.size === 0 || random.int(8) < (isGrowing ? 6 : 3)) {
      const added = waiting(step);
      list.add(added);
      open.add(added);
    } else {
      const closed = anyOf(open, random);
      open.delete(closed);
      list.close(closed);
      list.close(closed);
    }
    expect([list.count, list.size]).toEqual([open.size, 2 * open.size]);
    if (step % 10 === 0)
      expect(list.open.map(({ deadline }) => deadline)).toEqual([...open].map((one) => one.deadline));
  }
});
