import { expect, test } from "@jest/globals";
import { parseArguments } from "../../client/cli/arguments.ts";
import type { KeyChange } from "../../client/sdk/index.ts";
import { FakeStore, run } from "../support/cli-fake-store.ts";

const HOSTILE = "a\tb\nc\u001b[2J";
const PAST: readonly KeyChange[] = [
  { revision: 5, at: 5_000, by: "bob", value: HOSTILE },
  { revision: 4, at: 4_000, by: "bob", value: "" },
  { revision: 2, at: 2_000, by: "alice", value: null },
  { revision: 1, at: 1_000, by: "alice", value: "Kolkata" },
];

function storeWith(past: readonly KeyChange[]): FakeStore {
  const store = new FakeStore();
  store.past = past;
  return store;
}

async function history(store: FakeStore, words: readonly string[] = []) {
  const invocation = parseArguments(["localhost", "3000", "history", "city", ...words], {});
  if (invocation.kind !== "commands") throw new Error(`taken as ${invocation.kind}`);
  return run(invocation, store);
}

test.each([1, 2, 1000])(
  "each change is a line of its fields, whatever is in them, in pages of %d",
  async (pageSize) => {
    const store = storeWith(PAST);
    store.pageSize = pageSize;
    const { exit, out, err } = await history(store);
    expect([exit, err]).toEqual([0, ""]);
    expect(out.split("\n").map((line) => line.split("\t"))).toEqual([
      ["5", "1970-01-01T00:00:05.000Z", "bob", "a\\tb\\nc\\x1b[2J"],
      ["4", "1970-01-01T00:00:04.000Z", "bob", ""],
      ["2", "1970-01-01T00:00:02.000Z", "alice", "", "deleted"],
      ["1", "1970-01-01T00:00:01.000Z", "alice", "Kolkata"],
      [""],
    ]);
  },
);

test("--json prints them as they are, of the room that is named", async () => {
  const store = storeWith(PAST);
  const { out } = await history(store, ["--room", "bob", "--json"]);
  expect(JSON.parse(out)).toEqual({ command: "history", key: "city", room: "bob", changes: PAST, reaches: 1 });
  expect(store.calls).toEqual([["bob", "history", "city"]]);
});

test("a key without changes prints nothing, and is an error to who is strict", async () => {
  expect(await history(storeWith([]))).toMatchObject({ exit: 0, out: "", err: "" });
  const { exit, err } = await history(storeWith([]), ["--strict"]);
  expect([exit, err]).toEqual([3, expect.stringMatching(/No change of the key "city" is known/)]);
});

test("where the log does not reach back it says so, and what another life of the room did is not told", async () => {
  const store = storeWith(PAST);
  store.history = async (_key, { before } = {}) => ({
    changes: PAST.slice(before === undefined ? 0 : 1, before === undefined ? 1 : 2),
    more: true,
    reaches: 3,
    position: { epoch: before === undefined ? "e" : "f", revision: 9, tag: 9 },
  });
  const { out, err } = await history(store);
  expect(out.match(/\n/g)).toHaveLength(1);
  expect(err).toBe("keyroom: Changes before revision 3 are no longer kept.\n");
});
