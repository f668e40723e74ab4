import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { freshSeed, seededRandom } from "../support/random.ts";
import { engineContract } from "./engine-contract.ts";

engineContract("memory engine", (limits, clock) => new MemoryEngine(limits, clock));

for (const seed of [1, 2, freshSeed()]) {
  engineContract(`memory engine, delayed by seed ${seed}`, (limits, clock) =>
    delayedEngine(new MemoryEngine(limits, clock), seededRandom(seed)),
  );
}
