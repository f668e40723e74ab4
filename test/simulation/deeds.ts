import type { Changes, Condition } from "../../client/sdk/index.ts";
import type { RecordedStore } from "../history/recorded-store.ts";
import type { Random } from "../support/random.ts";
import type { Question } from "./following.ts";
import type { Program } from "./program.ts";
import { USERS, type World } from "./world.ts";

/** Few, so that they meet. */
export const KEYS = ["a", "a1", "a2", "b", "b1", "c"];
const MOST_FOLLOWINGS = 3;

type Deed = (world: World, program: Program) => void | Promise<void>;

/** What can happen, and how often in relation to the rest. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [70, write],
  [10, series],
  [20, read],
  [20, follow],
  [4, unfollow],
  [9, changeRole],
  [12, ask],
  [8, cut],
  [5, orphan],
  [10, stall],
  [3, halfOpen],
  [3, cutOff],
  [5, reachAgain],
  [2, replace],
  [1, logout],
  [1, deleteUser],
  [1, restart],
  [10, wait],
];
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

/** Something happens, by chance. */
export async function happen(world: World): Promise<void> {
  let left = world.random.int(WEIGHT);
  const program = world.random.pick(world.programs);
  for (const [weight, deed] of DEEDS) {
    left -= weight;
    if (left < 0) return deed(world, program);
  }
}

/** The values of a run are numbered, so that each write has one of its own; and what was written last where. */
interface Written {
  count: number;
  readonly last: Map<string, string>;
}

const written = new WeakMap<World, Written>();

function writtenIn(world: World): Written {
  const known = written.get(world) ?? { count: 0, last: new Map() };
  written.set(world, known);
  return known;
}

export function nextValue(world: World, room: string, key: string): string {
  const known = writtenIn(world);
  const value = `v${++known.count}`;
  known.last.set(`${room} ${key}`, value);
  return value;
}

/** Mostly one's own room, or the one in which most happens. */
function roomFor({ random }: World, { user }: Program): string {
  return random.pick([user, user, "ann", random.pick(USERS)]);
}

/** Some writes in one turn. */
function write(world: World, program: Program): void {
  const { random } = world;
  const room = roomFor(world, program);
  for (let left = random.pick([1, 1, 2, 4]); left > 0; left--) {
    void program.call(room, (store) => writeOnce(world, store, room));
  }
}

/** Some writes, one behind the other. */
function series(world: World, program: Program): void {
  const { random, turns } = world;
  const room = roomFor(world, program);
  for (let i = 0; i < 8; i++) {
    turns.clock.after(i * random.int(100), () => void program.call(room, (store) => writeOnce(world, store, room)));
  }
}

function writeOnce(world: World, store: RecordedStore, room: string): Promise<unknown> {
  const { random } = world;
  const key = random.pick(KEYS);
  const options = random.int(4) === 0 ? { ifRevision: random.int(12) } : {};
  const target = store.room(room);
  const isDelete = random.int(4) === 0;
  if (world.shapes.int(5) === 0) return writeSeveral(world, store, room, key, options.ifRevision);
  return isDelete ? target.delete(key, options) : target.put(key, nextValue(world, room, key), options);
}

/** At least one key is put: a value of its own tells which write a commit is of. */
async function writeSeveral(
  world: World,
  store: RecordedStore,
  room: string,
  key: string,
  revision: number | undefined,
): Promise<void> {
  const { shapes, tally } = world;
  const conditions = [...(revision === undefined ? [] : [{ key, revision }]), ...someCondition(world, room)];
  const [other, ...others] = shapes.shuffle(KEYS.filter((one) => one !== key));
  const puts = [key, ...others.slice(0, shapes.int(3))].map((key) => ({ key, value: nextValue(world, room, key) }));
  const changes: Changes = { puts, deletes: other === undefined ? [] : [other], if: conditions };
  if (shapes.int(2) === 0) {
    await store.room(room).write(changes);
    tally.count("writes of several keys");
  } else {
    const { succeeded } = await store.room(room).swap(changes);
    tally.count(succeeded ? "transactions: then" : "transactions: else");
  }
}

function read(world: World, program: Program): void {
  const { random } = world;
  const room = roomFor(world, program);
  void program.call(room, (store) => {
    const target = store.room(room);
    const key = random.int(2) === 0 ? random.pick(KEYS) : null;
    if (key !== null && world.shapes.int(3) === 0) return target.get(key);
    const options =
      key === null && random.int(2) === 1 ? { prefix: random.pick(["a", "b"]), limit: 1 + random.int(4) } : {};
    return key !== null || world.shapes.int(3) === 0 ? target.read(someKeys(world)) : target.list(options);
  });
}

/** Two, or three, which may be too much for a page. */
function someKeys({ shapes }: World): readonly string[] {
  return shapes.shuffle(KEYS).slice(0, shapes.pick([2, 2, 3]));
}

/** Half of them none; the others hold now and then. */
function someCondition(world: World, room: string): readonly Condition[] {
  const key = world.shapes.pick(KEYS);
  const equals = writtenIn(world).last.get(`${room} ${key}`) ?? "";
  return world.shapes.pick([[], [], [{ key, absent: true }], [{ key, equals }]]);
}

function follow(world: World, program: Program): void {
  if (program.followings.size < MOST_FOLLOWINGS) program.follow(question(world, program));
}

function question(world: World, program: Program): Question {
  const { random } = world;
  const room = random.int(3) === 0 && world.roleOf(program.user) === "manager" ? "*" : roomFor(world, program);
  return { room, ...filter(random) };
}

function filter(random: Random): { key?: string; prefix?: string } {
  return random.pick([{}, {}, { prefix: "a" }, { prefix: "b" }, { key: "a" }]);
}

function unfollow({ random }: World, { followings }: Program): void {
  if (followings.size > 0) random.pick([...followings]).watch.close();
}

function changeRole(world: World, program: Program): void {
  const { random } = world;
  const user = random.pick(USERS);
  const isManager = world.roleOf(user) === "manager";
  if (world.roleOf(program.user) === "manager") world.changeRole(program, user, isManager ? "guest" : "manager");
  else if (random.int(2) === 0) world.changeRole(program, program.user, "manager");
  else world.operate(user, isManager ? "guest" : "manager");
}

/** Somebody of the user asks what became of a write. */
function ask(world: World): void {
  if (world.doubts.length > 0) world.settle(world.random.pick(world.doubts));
}

function cut({ network, random }: World, { name }: Program): void {
  network.lineOf(name)?.cut(random.int(50), random.int(4_000));
}

function orphan({ network, random }: World, { name }: Program): void {
  network.lineOf(name)?.orphan(random.int(50), random.int(4_000), random.int(5_000));
}

/** Takes nothing for a while, or sends what does not arrive for as long. */
function stall(world: World, program: Program): void {
  const { network, random, turns } = world;
  const line = network.lineOf(program.name);
  const direction = random.pick(["down", "down", "up"] as const);
  line?.stall(direction);
  if (direction === "up") write(world, program);
  turns.clock.after(500 + random.int(7_000), () => line?.flow());
}

function halfOpen(world: World, program: Program): void {
  world.halfOpen(program, world.random.pick(["up", "down"]));
}

function cutOff({ network }: World, { name }: Program): void {
  network.cutOff(name);
}

function reachAgain({ network, programs }: World): void {
  for (const { name } of programs) network.reachAgain(name);
}

/** The program ends and is started again, and goes on from the positions that it saved. */
function replace({ turns, random }: World, program: Program): void {
  program.stop();
  turns.clock.after(random.int(3_000), () => program.start());
}

function logout(world: World, program: Program): void {
  const { turns, random } = world;
  void program.call(program.user, async (store) => {
    world.leaving(store.store.session.client);
    // Where there is no connection, it is the next session that it ends.
    store.store.on("session", ({ client }) => world.leaving(client));
    await store.store.logout();
    program.stop();
    turns.clock.after(random.int(1_000), () => program.start());
  });
}

function deleteUser(world: World): void {
  void world.deleteUser(world.random.pick(USERS));
}

async function restart(world: World): Promise<void> {
  await world.restart(world.random.int(2) === 0, world.random.int(3) > 0);
}

async function wait(world: World): Promise<void> {
  await world.pass(1_000 + world.random.int(world.random.pick([3_000, 15_000])));
}
