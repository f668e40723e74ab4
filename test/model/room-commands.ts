import { expect } from "@jest/globals";
import fc from "fast-check";
import type { Commit, Condition, Operation, Step, Transaction } from "../../server/engine/port.ts";
import { ask, expectKind, list, read, replay } from "../contract/kit.ts";
import { wildKey, wildText } from "../support/texts.ts";
import { expectEntry, fold, type RealRoom, type RoomModel } from "./room-model.ts";

type Command = fc.AsyncCommand<RoomModel, RealRoom>;
type Run = (model: RoomModel, room: RealRoom) => Promise<void>;

function command(name: string, parts: unknown, run: Run): Command {
  return { check: () => true, run, toString: () => `${name}(${JSON.stringify(parts)})` };
}

/** What a condition asks, before the model is there to say what holds. */
type Wish = { readonly key: string; readonly wish: "absent" | "right" | "wrong" | "same" | "other" };

interface Writing {
  readonly by: string;
  readonly keys: readonly string[];
  readonly puts: number;
  readonly value: string;
  readonly wishes: readonly Wish[];
  readonly counter: number | null;
}

function conditionsOf(wishes: readonly Wish[], { entries }: RoomModel): Condition[] {
  return wishes.map(({ key, wish }) => {
    const { revision = 0, value = "" } = entries.get(key) ?? {};
    if (wish === "same" || wish === "other") return { key, equals: wish === "same" ? value : `${value}?` };
    return { key, revision: wish === "absent" ? 0 : wish === "right" ? revision : revision + 1 };
  });
}

/** The first `puts` keys are put, the others deleted. */
function toCommit({ by, keys, puts, value, wishes, counter }: Writing, model: RoomModel): Commit {
  const conditions = conditionsOf(wishes, model);
  return {
    kind: "commit",
    by,
    puts: keys.slice(0, puts).map((key) => ({ key, value: value + key })),
    deletes: keys.slice(puts),
    conditions,
    ...(counter === null ? {} : { id: { client: by, counter } }),
  };
}

function write(writing: Writing): Command {
  return command("write", writing, (model, room) => run(toCommit(writing, model), model, room));
}

interface Transacting extends Pick<Writing, "by" | "wishes" | "counter"> {
  readonly steps: readonly Step[];
  readonly otherwise: readonly Step[];
}

function transact({ by, wishes, counter, steps, otherwise }: Transacting): Command {
  return command("transact", { wishes, steps, otherwise }, (model, room) => {
    const conditions = conditionsOf(wishes, model);
    const id = counter === null ? {} : { id: { client: by, counter } };
    return run({ kind: "transact", by, conditions, steps, otherwise, ...id }, model, room);
  });
}

async function run(asked: Commit | Transaction, model: RoomModel, { engine, name }: RealRoom): Promise<void> {
  const { id } = asked;
  const known = model.answered.some(
    ({ asked: { id: other } }) => other?.client === id?.client && other?.counter === id?.counter,
  );
  if (id !== undefined && known) return;
  const outcome = await ask(engine, name, asked);
  expect(outcome).toMatchObject(asked.kind === "commit" ? model.commit(asked) : model.transact(asked));
  if (id !== undefined) model.answered.push({ asked, outcome });
}

/** An answered write comes once more, as after a lost acknowledgement. */
function repeat(which: number): Command {
  return command("repeat", which, async ({ answered }, { engine, name }) => {
    const before = answered[which % answered.length];
    if (before === undefined) return;
    const outcome = await ask(engine, name, before.asked);
    if (before.outcome.kind === "committed") expect(outcome).toEqual(before.outcome);
    else if (before.outcome.kind === "transacted") expect(outcome).toEqual({ ...before.outcome, results: null });
    else expect(outcome).toMatchObject({ kind: "refused", code: "conflict" });
  });
}

function readKeys(keys: readonly string[]): Command {
  return command("read", keys, async (model, { engine, name }) => {
    const { entries, revision } = expectKind(await ask(engine, name, read(...keys)), "entries");
    expect(revision).toBe(model.revision);
    expect(entries).toHaveLength(keys.length);
    for (const [i, key] of keys.entries()) expectEntry(entries[i], model.entries.get(key));
  });
}

/** Lists, and marks where the room stands for replays to come. */
function listKeys(prefix: string, after: string | undefined, limit: number): Command {
  return command("list", { prefix, after, limit }, async (model, { engine, name }) => {
    const asked: Operation = after === undefined ? list({ prefix, limit }) : list({ prefix, after, limit });
    const page = expectKind(await ask(engine, name, asked), "page");
    const expected = model.list(prefix, after, limit);
    expect(page.entries.map(({ key }) => key)).toEqual(expected.entries.map(({ key }) => key));
    for (const [i, entry] of page.entries.entries()) expectEntry(entry, expected.entries[i]);
    expect(page.more).toBe(expected.more);
    expect(page.position.revision).toBe(model.revision);
    expect(await engine.keyCounts([name])).toEqual([model.entries.size]);
    model.mark(page.position);
  });
}

/** What was known at an earlier place and the changes since make up the present. */
function replayFrom(which: number): Command {
  return command("replay", which, async (model, { engine, name }) => {
    const landmark = model.landmarks[which % model.landmarks.length];
    if (landmark === undefined) return;
    const { records, position } = expectKind(await ask(engine, name, replay(landmark.position)), "replayed");
    const from = landmark.position.revision;
    expect(position.revision).toBe(model.revision);
    expect(records.map(({ revision }) => revision)).toEqual(
      Array.from({ length: model.revision - from }, (_, i) => from + 1 + i),
    );
    expect(fold(landmark.entries, records)).toEqual(new Map(model.entries));
  });
}

function historyOf(key: string, before: number, limit: number): Command {
  return command("history", { key, before, limit }, async (model, { engine, name }) => {
    const asked: Operation = { kind: "history", key, before, limit };
    const { changes, more, reaches, position } = expectKind(await ask(engine, name, asked), "history");
    const expected = (model.past.get(key) ?? []).filter(({ revision }) => revision < before);
    expect(changes).toEqual(expected.slice(0, limit).map((change) => ({ ...change, at: expect.any(Number) })));
    expect([more, reaches, position.revision]).toEqual([expected.length > limit, 1, model.revision]);
  });
}

function replayLost(which: number): Command {
  return command("replayLost", which, async ({ lost }, { engine, name }) => {
    const from = lost[which % lost.length];
    if (from !== undefined) expect(await ask(engine, name, replay(from))).toEqual({ kind: "gap" });
  });
}

function deleteRoom(): Command {
  return command("deleteRoom", null, async (model, { engine, name }) => {
    await engine.deleteRoom(name);
    model.clear();
  });
}

const wish = fc.record({
  key: wildKey(),
  wish: fc.constantFrom("absent" as const, "right" as const, "wrong" as const, "same" as const, "other" as const),
});
const writing = fc.record({
  by: fc.constantFrom("ann", "bob"),
  keys: fc.uniqueArray(wildKey(), { maxLength: 4 }),
  puts: fc.nat({ max: 4 }),
  value: wildText(),
  wishes: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    { arbitrary: fc.array(wish, { maxLength: 2 }), weight: 1 },
  ),
  counter: fc.option(fc.integer({ min: 1, max: 30 })),
});
/** Each key is changed once at most, and got as often as it likes. */
const steps = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constantFrom("get" as const, "delete" as const), key: wildKey() }),
      fc.record({ kind: fc.constant("put" as const), key: wildKey(), value: wildText() }),
    ),
    { maxLength: 6 },
  )
  .map((all) =>
    all.filter((step, i) => {
      const isFirst = all.findIndex(({ kind, key }) => kind !== "get" && key === step.key) === i;
      return step.kind === "get" || isFirst;
    }),
  );
const transacting = fc.record({
  by: fc.constantFrom("ann", "bob"),
  wishes: fc.array(wish, { maxLength: 2 }),
  counter: fc.option(fc.integer({ min: 1, max: 30 })),
  steps,
  otherwise: steps,
});
const which = fc.nat({ max: 50 });
const after = fc.option(wildText(3), { nil: undefined });

/** Everything that may be asked of a room, the ordinary more often than the rare. */
export const roomCommands: fc.Arbitrary<Command>[] = [
  writing.map(write),
  writing.map(write),
  writing.map(write),
  transacting.map(transact),
  transacting.map(transact),
  fc.array(wildKey(), { maxLength: 4 }).map(readKeys),
  fc.tuple(wildText(2), after, fc.integer({ min: 1, max: 5 })).map((parts) => listKeys(...parts)),
  fc.constantFrom("", "a", "😀").map((prefix) => listKeys(prefix, undefined, 1000)),
  fc.tuple(wildKey(), fc.nat({ max: 60 }), fc.integer({ min: 1, max: 5 })).map((parts) => historyOf(...parts)),
  which.map(replayFrom),
  which.map(replayFrom),
  which.map(repeat),
  which.map(replayLost),
  fc.constant(deleteRoom()),
];
