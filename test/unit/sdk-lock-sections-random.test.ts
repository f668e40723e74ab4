import { expect, test } from "@jest/globals";
import { LockSections } from "../../client/sdk/lock-sections.ts";
import { Outbox } from "../../client/sdk/outbox.ts";
import type { LockMode } from "../../protocol/fields.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { CLIENT, refusal } from "../support/outbox-rig.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";

type Asked = { readonly keys: readonly string[]; readonly mode: LockMode };

/** A server with one session, which answers in order and after a while. Grants all but some. */
class LoneServer {
  readonly held = new Map<string, LockMode>();
  readonly #random: Random;
  #fence = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(random: Random) {
    this.#random = random;
  }

  readonly send = (name: string, payload: unknown, answered: (answer: unknown) => void): void => {
    this.#last = this.#last.then(async () => {
      for (let turns = this.#random.int(3); turns > 0; turns--) await new Promise(setImmediate);
      answered(this.#answer(name, payload as Asked));
    });
  };

  #answer(name: string, { keys, mode }: Asked): object {
    if (name === "unlock") {
      for (const key of keys) this.held.delete(key);
      return { ok: true, value: {} };
    }
    if (this.#random.int(8) === 0) return refusal("locked", true);
    for (const key of keys) if (this.held.get(key) !== "exclusive") this.held.set(key, mode);
    return { ok: true, value: { fence: ++this.#fence } };
  }
}

const seed = freshSeed();

test(`random sections never overlap, hold what they asked for, and all come to an end (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const server = new LoneServer(random);
  const clock = new ManualClock();
  const outbox = new Outbox(server.send, 10_000, clock);
  outbox.connected({ client: CLIENT, resumed: false, protocol: 2 });
  const sections = new LockSections(outbox, clock, () => 0);
  const running = new Set<Asked>();
  const tally = { beside: 0, refused: 0, done: 0 };
  const one = async (): Promise<void> => {
    const keys = random.shuffle(["a", "b", "c", "d"]).slice(0, 1 + random.int(3));
    const mode = random.pick(["shared", "exclusive"] as const);
    await sections.run("ann", keys, { mode, waitMs: 60_000 }, async () => {
      const own = { keys, mode };
      for (const other of running) expect(other.keys.filter((key) => keys.includes(key))).toEqual([]);
      if (running.size > 0) tally.beside++;
      running.add(own);
      for (let turns = random.int(6); turns > 0; turns--) {
        for (const key of keys) expect([mode, "exclusive"]).toContain(server.held.get(key));
        await new Promise(setImmediate);
      }
      running.delete(own);
    });
    tally.done++;
  };
  const all: Promise<void>[] = [];
  for (let i = 0; i < 300; i++) {
    const section = one().catch((error: { code?: unknown }) => {
      if (error.code !== "locked") throw error;
      tally.refused++;
    });
    all.push(section);
    if (random.int(2) === 0) await new Promise(setImmediate);
  }
  await Promise.all(all);
  expect([server.held.size, clock.pending, tally.done + tally.refused]).toEqual([0, 0, 300]);
  expect(Math.min(tally.beside, tally.refused)).toBeGreaterThan(0);
});
