import { noAccountStore } from "../../server/adapters/accounts-file.ts";
import type { DoorParts, OpenDoor } from "../../server/dialects/door.ts";
import { makeDomain } from "../../server/domain/domain.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { FakeHasher } from "./domain-fakes.ts";
import { ManualClock } from "./manual-clock.ts";
import { readableLog } from "./readable-log.ts";

/** An older door alone, over a domain of its own, on a clock that stands still. */
export async function openOnStoppedClock(open: OpenDoor, parts: Partial<DoorParts> = {}) {
  const clock = new ManualClock();
  const log = readableLog();
  const domain = makeDomain({
    accounts: "password",
    anonymous: true,
    audience: { say: () => undefined },
    clock,
    endOfTurn: (run) => void setImmediate(run),
    engine: new MemoryEngine({}, clock),
    graceMs: 60_000,
    hasher: new FakeHasher(),
    log,
    saved: [],
    store: noAccountStore,
    upgrade: { kind: "open" },
  });
  const door = await open({
    domain,
    clock,
    log,
    host: "127.0.0.1",
    port: 0,
    isOriginAllowed: () => true,
    filesDir: undefined,
    ...parts,
  });
  /** Resolves when the name is free. */
  const freed = async (name: string): Promise<void> => {
    while (domain.accounts.find(name) !== undefined) await new Promise(setImmediate);
  };
  return { clock, domain, door, freed, log };
}
