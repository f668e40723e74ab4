import { test } from "@jest/globals";
import fc from "fast-check";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine } from "../../server/engine/port.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { freshSeed, seededRandom } from "../support/random.ts";
import { roomCommands } from "./room-commands.ts";
import { RoomModel } from "./room-model.ts";

async function checkAgainstModel(seed: number, numRuns: number, make: () => Engine): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(roomCommands, { maxCommands: 60, size: "max" }), async (commands) => {
      const setup = () => ({ model: new RoomModel(), real: { engine: make(), name: "ann" } });
      await fc.asyncModelRun(setup, commands);
    }),
    { seed, numRuns },
  );
}

const seed = freshSeed();

test(`a room behaves like a Map with counters, seed ${seed}`, async () => {
  await checkAgainstModel(seed, 400, () => new MemoryEngine());
});

test(`so does one that is far away, seed ${seed}`, async () => {
  await checkAgainstModel(seed, 60, () => delayedEngine(new MemoryEngine(), seededRandom(seed)));
});
