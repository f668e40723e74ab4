import { expect, test } from "@jest/globals";
import { rejectionOf } from "../support/keyroom-error.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };
const max = { user: "max", password: "secret" };

test("several keys are written and read at once, in one's own room and in another's", async () => {
  const server = await serve();
  const [mine, manager] = await Promise.all([store(server.url, ann), store(server.url, max)]);
  await server.promote("max");
  const puts = [
    { key: "b", value: "B" },
    { key: "a", value: "A" },
  ];
  expect(await mine.write({ puts, if: [{ key: "a", absent: true }] })).toEqual({ revision: 1 });
  const room = manager.room("ann");
  expect(await room.read(["a", "none", "b"])).toMatchObject({ entries: [{ value: "A" }, { value: "B" }], revision: 1 });
  expect(await room.write({ deletes: ["a", "none"], if: [{ key: "b", equals: "B" }] })).toEqual({ revision: 2 });
  expect(await mine.read(["a"])).toEqual({ entries: [], revision: 2 });
  expect(await rejectionOf(mine.room("max").read(["a"]))).toMatchObject({ code: "forbidden" });
  const refused = mine.write({
    puts,
    if: [
      { key: "b", revision: 1 },
      { key: "a", revision: 1 },
    ],
  });
  expect(await rejectionOf(refused)).toMatchObject({ conflict: { condition: 1, revision: 0, version: 0 } });
  expect(await mine.get("a")).toBeNull();
});

test("a transaction runs one of two lists, and what it answers is that of each step", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  await mine.put("lock", "ann");
  const take = {
    if: [{ key: "lock", absent: true }],
    then: [{ put: "lock", value: "bob" }],
    else: [{ get: "lock" }],
  } as const;
  expect(await mine.transact(take)).toEqual({
    succeeded: false,
    revision: null,
    results: [expect.objectContaining({ key: "lock", value: "ann" })],
  });
  await mine.delete("lock");
  const results = [{ revision: 3, version: 1 }];
  expect(await mine.transact(take)).toEqual({ succeeded: true, revision: 3, results });
  expect(await mine.transact({ then: [{ delete: "lock" }, { get: "lock" }] })).toMatchObject({
    results: [{ revision: 4, existed: true }, null],
  });
});

test("cut before its answer came, a transaction is told without results, and a conflict as one: each ran once", async () => {
  const { url } = await serve();
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  const [witness, mine] = await Promise.all([store(url, ann), store(proxy.url, ann)]);
  proxy.hold("answers");
  const moved = mine.transact({ then: [{ put: "a", value: "1" }, { get: "a" }] });
  const refused = mine.write({ deletes: ["a"], if: [{ key: "a", equals: "2" }] });
  const written = mine.write({ puts: [{ key: "b", value: "1" }], deletes: ["a"] });
  while ((await witness.get("b")) === null);
  proxy.cut();
  expect(await moved).toEqual({ succeeded: true, revision: 1, results: null });
  const { code, conflict } = await rejectionOf(refused);
  expect([code, conflict]).toEqual(["conflict", undefined]);
  expect(await written).toEqual({ revision: 2 });
  expect(await witness.read(["a", "b"])).toMatchObject({ entries: [{ key: "b", version: 1 }], revision: 2 });
});

test("updates of many at once lose none", async () => {
  const { url } = await serve();
  const stores = await Promise.all([1, 2, 3].map(() => store(url, ann)));
  const add = (entry: { readonly value: string } | null) => String(Number(entry?.value ?? 0) + 1);
  await Promise.all(stores.flatMap((mine) => Array.from({ length: 7 }, () => mine.update("n", add))));
  expect(await stores[0]?.get("n")).toMatchObject({ value: "21", revision: 21, version: 21 });
});

test("an update that always comes too late ends with the conflict", async () => {
  const { url } = await serve();
  const [mine, other] = await Promise.all([store(url, ann), store(url, ann)]);
  let calls = 0;
  const late = mine.update("n", async () => {
    await other.put("n", `theirs ${++calls}`);
    return "mine";
  });
  expect(await rejectionOf(late)).toMatchObject({ code: "conflict", conflict: { condition: 0, revision: 257 } });
  expect([calls, (await mine.get("n"))?.value]).toEqual([257, "theirs 257"]);
});

test("what an update's function throws is thrown, and nothing is written; other refusals are not tried again", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  const enough = new Error("enough");
  await expect(mine.update("n", () => Promise.reject(enough))).rejects.toBe(enough);
  let calls = 0;
  const tooLong = mine.update("n", () => {
    calls++;
    return "v".repeat(2 ** 20 + 1);
  });
  expect(await rejectionOf(tooLong)).toMatchObject({ code: "too_large" });
  expect([calls, await mine.get("n")]).toEqual([1, null]);
});
