/** What programs do with locks, and with what goes by itself. */
import { KEYS, nextValue } from "./deeds.ts";
import { giveUp, lock, putFenced, whoMayWrite } from "./lock-calls.ts";
import type { Program } from "./program.ts";
import { sections } from "./section-deeds.ts";
import { USERS, type World } from "./world.ts";

type Deed = (world: World, program: Program, room: string) => void;

/** What can happen, and how often in relation to the rest. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [30, lockAndWrite],
  [12, queue],
  [10, cross],
  [6, pause],
  [10, putForAWhile],
  [12, putEphemeral],
  [6, touch],
  [8, writeInTurn],
  [4, unlock],
  [10, undo],
  [12, sections],
];
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

/** Something happens, by chance: about every other time. */
export function happenToLocks(world: World): void {
  const { locking, programs } = world;
  let left = locking.int(2 * WEIGHT);
  const room = locking.pick(["ann", "ann", locking.pick(USERS)]);
  const program = locking.pick(locking.int(8) === 0 ? programs : whoMayWrite(world, room));
  for (const [weight, deed] of DEEDS) {
    left -= weight;
    if (left >= 0) continue;
    deed(world, program, room);
    return;
  }
}

function someKeys({ locking }: World): readonly string[] {
  return locking.shuffle(KEYS).slice(0, locking.pick([1, 1, 2, 3]));
}

/** Locks, writes by the fence, and unlocks; or forgets to. */
function lockAndWrite(world: World, program: Program, room: string): void {
  const { locking, turns } = world;
  const keys = someKeys(world);
  const lease = locking.int(3) === 0 ? { leaseMs: 200 + locking.int(3_000) } : {};
  const options = {
    mode: locking.pick(["exclusive", "exclusive", "shared"] as const),
    waitMs: locking.pick([0, 200, 1_000, 5_000]),
    ...lease,
  };
  const [writeAfter, unlockAfter] = [locking.int(2_000), locking.int(locking.pick([100, 1_000, 5_000]))];
  const isForgetful = locking.int(12) === 0;
  void lock(world, program, room, keys, options, (fence) => {
    turns.clock.after(writeAfter, () => putFenced(world, program, room, locking.pick(keys), fence));
    if (!isForgetful) turns.clock.after(unlockAfter, () => giveUp(program, room, keys));
  });
}

/** Several want the same keys, one shortly behind the other, and each has them for a while. */
function queue(world: World, _: Program, room: string): void {
  const { locking, turns } = world;
  const keys = someKeys(world);
  for (const program of locking.shuffle(whoMayWrite(world, room)).slice(0, 4)) {
    const wanted = locking.int(3) === 0 ? keys.slice(0, 1) : keys;
    const mode = locking.pick(["exclusive", "exclusive", "shared"] as const);
    const heldMs = 100 + locking.int(500);
    turns.clock.after(locking.int(300), () => {
      void lock(world, program, room, wanted, { mode, waitMs: 4_000 }, () => {
        turns.clock.after(heldMs, () => giveUp(program, room, wanted));
      });
    });
  }
}

/** Two programs want the same two keys one after the other, each in its own order. */
function cross(world: World, program: Program, room: string): void {
  const { locking, turns, programs } = world;
  const [one = "", other = ""] = locking.shuffle(KEYS);
  const others = whoMayWrite(world, room).filter((each) => each !== program);
  const second = locking.pick(others.length === 0 ? programs : others);
  for (const [who, keys] of [
    [program, [one, other]],
    [second, [other, one]],
  ] as const) {
    const [first = "", then = ""] = keys;
    const pauseMs = locking.int(300);
    const waitMs = 500 + locking.int(3_000);
    const unlockAfter = locking.int(500);
    void lock(world, who, room, [first], { waitMs }, () => {
      turns.clock.after(pauseMs, () => {
        const release = (): void => void turns.clock.after(unlockAfter, () => giveUp(who, room, keys));
        void lock(world, who, room, [then], { waitMs }, () => undefined).then(release);
      });
    });
  }
}

/** Locks, is frozen for longer than the lock lasts, and writes by the old fence when it wakes. */
function pause(world: World, program: Program, room: string): void {
  const { locking, turns, network, graceMs } = world;
  const keys = someKeys(world);
  const isLease = locking.int(2) === 0;
  const lease = isLease ? { leaseMs: 300 + locking.int(700) } : {};
  const frozenMs = (isLease ? 1_000 : graceMs) + locking.int(3_000);
  void lock(world, program, room, keys, { waitMs: 1_000, ...lease }, (fence) => {
    network.cutOff(program.name);
    turns.clock.after(frozenMs, () => {
      network.reachAgain(program.name);
      putFenced(world, program, room, keys[0] ?? "", fence);
      turns.clock.after(3_000, () => putFenced(world, program, room, keys[0] ?? "", fence));
    });
  });
}

function putForAWhile(world: World, program: Program, room: string): void {
  const { locking } = world;
  const key = locking.pick(KEYS);
  const ttlMs = 50 + locking.int(locking.pick([500, 3_000, 12_000]));
  const isEphemeral = locking.int(4) === 0;
  const value = nextValue(world, room, key);
  const life = { ttlMs, ...(isEphemeral ? { ephemeral: true } : {}) };
  if (locking.int(3) === 0) {
    const other = KEYS[(KEYS.indexOf(key) + 1) % KEYS.length] ?? "";
    const puts = [
      { key, value, ttlMs },
      { key: other, value: nextValue(world, room, other) },
    ];
    void program.call(room, (store) => store.room(room).write({ puts }));
  } else void program.call(room, (store) => store.room(room).put(key, value, life));
}

/** Often of a key that nobody else puts, so that it is there when the session ends. */
function putEphemeral(world: World, program: Program, room: string): void {
  const key = world.locking.pick([...KEYS, "e", "e1", "e2", "e3", "e4", "e5"]);
  const value = nextValue(world, room, key);
  void program.call(room, (store) => store.room(room).put(key, value, { ephemeral: true }));
}

function touch({ locking }: World, program: Program, room: string): void {
  const ttlMs = locking.pick([null, 100, 1_000, 4_000]);
  const key = locking.pick(KEYS);
  void program.call(room, (store) => store.room(room).touch(key, ttlMs));
}

/** A write that waits for the locks of others. */
function writeInTurn(world: World, program: Program, room: string): void {
  const { locking } = world;
  const key = locking.pick(KEYS);
  const value = nextValue(world, room, key);
  const waitMs = locking.pick([300, 2_000]);
  void program.call(room, (store) => store.room(room).put(key, value, { waitMs }));
}

/** Writes, and takes it back after a while; perhaps that as well. */
function undo(world: World, program: Program, room: string): void {
  const { locking, turns, tally } = world;
  const [key = "", other = "", gone = ""] = locking.shuffle(KEYS);
  const puts = [key, other]
    .slice(0, 1 + locking.int(2))
    .map((each) => ({ key: each, value: nextValue(world, room, each) }));
  const changes = { puts, deletes: locking.int(2) === 0 ? [gone] : [] };
  const [first, second] = [locking.int(1_000), locking.int(1_000)];
  const takeBack = (revision: number | null, afterMs: number, again: boolean): void => {
    turns.clock.after(afterMs, () => {
      void program.call(room, async (store) => {
        const undone = await store.room(room).undo(revision ?? 0);
        tally.count("undone");
        if (again) takeBack(undone.revision, second, false);
      });
    });
  };
  const isSpoilt = locking.int(3) === 0;
  void program.call(room, async (store) => {
    const { revision } = await store.room(room).write(changes);
    if (isSpoilt) void program.call(room, () => store.room(room).put(key, nextValue(world, room, key)));
    takeBack(revision, first, locking.int(2) === 0);
  });
}

function unlock(world: World, program: Program, room: string): void {
  giveUp(program, room, someKeys(world));
}
