import { expect, test } from "@jest/globals";
import { type Invocation, parseArguments } from "../../client/cli/arguments.ts";
import { UsageError } from "../../client/cli/errors.ts";
import { lockVariables } from "../../client/cli/outer-lock.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { FakeStore, run } from "../support/cli-fake-store.ts";

function line(text: string): Extract<Invocation, { kind: "commands" }> {
  const invocation = parseArguments(["localhost", "3000", ...text.split(" ")], {});
  if (invocation.kind !== "commands") throw new Error(`taken as ${invocation.kind}`);
  return invocation;
}

/** What the store was asked. */
async function asked(text: string, env: NodeJS.ProcessEnv = {}): Promise<readonly (readonly string[])[]> {
  const store = new FakeStore();
  const { exit } = await run(line(text), store, { env });
  expect(exit).toBe(0);
  return store.calls.map(([, ...call]) => call);
}

test.each<[line: string, ...call: string[]]>([
  ["get a --at 7", "get", "a", '{"revision":7}'],
  ["put a 1 --ttl 10s", "put", "a", "1", '{"ttlMs":10000}'],
  ["put a --ttl --ttl 5", "put", "a", "--ttl", '{"ttlMs":5}'],
  ["put a 1 --wait=1m", "put", "a", "1", '{"waitMs":60000}'],
  ["delete a --fence 12", "delete", "a", '{"fence":12}'],
  ["touch a 2h", "touch", "a", "7200000"],
  ["touch a never --fence 3", "touch", "a", "null", '{"fence":3}'],
  ["undo 7 --wait 1500ms", "undo", "7", '{"waitMs":1500}'],
  ["read a b a", "read", "a", "b"],
  [
    "write put a 1 delete b put put delete --fence 3",
    "write",
    '{"puts":[{"key":"a","value":"1"},{"key":"put","value":"delete"}],"deletes":["b"]}',
    '{"fence":3}',
  ],
])("%s", async (text, ...call) => {
  expect(await asked(text)).toEqual([call]);
});

test.each([
  ["undo", /too early: undo REVISION/],
  ["undo seven", /undo takes a whole number, not "seven"/],
  ["get a --at -1", /--at takes a whole number, not "-1"/],
  ["touch a", /too early: touch KEY TIME/],
  ["touch a soon", /touch takes a time such as 10s, 5m, 1h or 2d, or a number of ms, not "soon"/],
  ["put a 1 --ttl soon", /--ttl takes a time such as 10s/],
  ["put a 1 --fence 1 --wait 1s", /put takes --fence or --wait, not both/],
  ["get a --wait 1s", /no option --wait here: it stands behind some/],
  ["read", /too early: read KEY/],
  ["read --room bob a", /The keys come first, and here none begins with -/],
  ["read a --room bob get b", /read takes all words behind it for keys: put it last/],
  ["write", /write needs what to do behind it/],
  ["write get a", /write needs what to do behind it/],
  ["write put a", /too early: write put KEY VALUE/],
  ["write put a 1 get a", /write takes each put KEY VALUE and delete KEY behind it, and nothing else: put it last/],
  ["lock", /too early: lock KEY/],
  ["lock --shared a -- true", /The keys come first/],
  ["lock a", /It locks only while a command runs.*: keyroom HOST PORT lock KEY\.\.\. -- CMD.*use --lines/],
  ["lock a --", /It locks only while a command runs/],
  ["lock a --shared=1 -- true", /--shared takes no value/],
  ["lock a --wait 1s --no-wait -- true", /lock takes --wait or --no-wait, not both/],
  ["lock a --jsno -- true", /no option --jsno/],
  ["get a -- true", /no command "--"/],
])("%s is a usage error", (text, sentence) => {
  expect(() => line(text)).toThrow(UsageError);
  expect(() => line(text)).toThrow(sentence);
});

test.each(["put a 1 --wait 61s", "put a 1 --ttl 0", "touch a 400d", "put a 1 --fence 0", "lock a --lease 0 -- true"])(
  "%s is refused before anything runs",
  (text) => {
    expect(() => line(text)).toThrow(KeyroomError);
  },
);

test("what stands behind -- is the command, whatever it looks like; options may stand before it", () => {
  const { steps, options } = line("whoami lock a get --shared --json --wait 5s --lease 1h -- get --shared -- b");
  expect(steps[1]).toMatchObject({
    name: "lock",
    subject: { keys: ["a", "get"] },
    argv: ["get", "--shared", "--", "b"],
    isShared: true,
    waitMs: 5_000,
    leaseMs: 3_600_000,
  });
  expect(options.json).toBe(true);
  expect(line("lock a --no-wait -- true").steps[0]).toMatchObject({ waitMs: 0, isShared: false });
});

test.each(["lock", "lock a", "lock a --shared", "read", "write"])("%s --help is the help", (text) => {
  const [topic] = text.split(" ");
  expect(parseArguments(["localhost", "3000", ...text.split(" "), "--help"], {})).toEqual({ kind: "help", topic });
});

test("under a lock, writes to its keys carry its fence, and no others", async () => {
  const env = lockVariables(12, "alice", ["a", "b c"]);
  const fence = '{"fence":12}';
  expect(
    await asked("put a 1 put b 2 delete a touch a never put a 1 --room bob get a undo 3 put b 3 --wait 1s", env),
  ).toEqual([
    ["put", "a", "1", fence],
    ["put", "b", "2"],
    ["delete", "a", fence],
    ["touch", "a", "null", fence],
    ["put", "a", "1"],
    ["get", "a"],
    ["undo", "3", fence],
    ["put", "b", "3", '{"waitMs":1000}'],
  ]);
  expect((await asked("write put b 1 delete a", env))[0]?.at(-1)).toBe(fence);
  expect(await asked("put a 1 --fence 13", env)).toEqual([["put", "a", "1", '{"fence":13}']]);
  // It is the holder's, who waits for nobody.
  expect(await asked("put a 1 --wait 1s", env)).toEqual([["put", "a", "1", fence]]);
});

test("a LOCK_FENCE alone is for all keys and rooms, and what is none is not taken for no lock", async () => {
  const env = { LOCK_FENCE: "12" };
  expect(await asked("put a 1 put b 2 --room bob", env)).toEqual([
    ["put", "a", "1", '{"fence":12}'],
    ["put", "b", "2", '{"fence":12}'],
  ]);
  for (const fence of ["twelve", "0", "-1", "1e3"]) {
    const store = new FakeStore();
    const { exit, err } = await run(line("get a put a 1"), store, { env: { LOCK_FENCE: fence } });
    expect([exit, store.calls.length]).toEqual([2, 1]);
    expect(err).toContain("LOCK_FENCE takes");
  }
});

test("read prints a line for each key that was named, and with --strict all have to be there", async () => {
  const store = new FakeStore();
  await run(line("put a 1 put b 2"), store);
  expect(await run(line("read b x a b"), store)).toMatchObject({ exit: 0, out: "2\n\n1\n2\n" });
  expect(await run(line("--strict read b x a"), store)).toMatchObject({ exit: 3, out: "" });
  expect(JSON.parse((await run(line("--json read a x"), store)).out)).toMatchObject({
    command: "read",
    keys: ["a", "x"],
    entries: [{ key: "a", value: "1" }],
    revision: 1,
  });
});

test("with --strict, a touch of a missing key is an error", async () => {
  expect(await run(line("touch a 1s"), new FakeStore())).toMatchObject({ exit: 0, out: "" });
  expect(await run(line("--strict touch a 1s"), new FakeStore())).toMatchObject({ exit: 3 });
});

test("locks prints who holds and, with one field more, who waits", async () => {
  const store = new FakeStore();
  const since = Date.UTC(2030, 0, 1);
  store.locked = {
    holders: [{ key: "a\tb", mode: "shared", user: "ann", since, fence: 1, mine: false }],
    waiters: [{ keys: ["a\tb", "c"], mode: "exclusive", user: "bob", since, behind: ["ann", "eve"], mine: false }],
    more: true,
  };
  const { out, err } = await run(line("locks"), store);
  const at = "2030-01-01T00:00:00.000Z";
  expect(out.split("\n")).toEqual([
    `a\\tb\tshared\tann\t${at}`,
    `a\\tb\texclusive\tbob\t${at}\tbehind ann eve`,
    `c\texclusive\tbob\t${at}\tbehind ann eve`,
    "",
  ]);
  expect(err).toBe("keyroom: There are more locks or waits than are listed.\n");
  expect(JSON.parse((await run(line("--json locks"), store)).out)).toEqual({ command: "locks", ...store.locked });
});
