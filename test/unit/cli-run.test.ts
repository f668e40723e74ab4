import { expect, test } from "@jest/globals";
import { type Invocation, parseArguments } from "../../client/cli/arguments.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { FakeStore, run } from "../support/cli-fake-store.ts";

const OP = `${"c".repeat(22)}:3`;

function line(...words: string[]): Extract<Invocation, { kind: "commands" }> {
  const invocation = parseArguments(["localhost", "3000", ...words], {});
  if (invocation.kind !== "commands") throw new Error(`taken as ${invocation.kind}`);
  return invocation;
}

test("get prints a line each, an empty one for a missing key; put and delete are silent", async () => {
  const words = "put city Kolkata put country India get country get city get Institute delete city get city";
  expect(await run(line(...words.split(" ")), new FakeStore())).toMatchObject({
    exit: 0,
    out: "India\nKolkata\n\n\n",
    err: "",
  });
});

test("every command prints what scripts expect of it", async () => {
  const store = new FakeStore();
  const said = async (...words: string[]) => (await run(line(...words), store, { passphrase: "open" })).out;
  await said("put", "b", "2", "put", "a", "1", "put", "c", "3", "put", "d", "--from", "file");
  expect(await said("get", "d")).toBe("text of file\n");
  store.pageSize = 1;
  expect(await said("list")).toBe("a\nb\nc\nd\n");
  expect(await said("list", "--prefix", "b")).toBe("b\n");
  await said("get", "a", "--room", "bob");
  expect(await said("rooms")).toBe("alice\nbob\n");
  expect(await said("whoami")).toBe("alice guest\n");
  expect(await said("status", OP)).toBe("committed 7\n");
  expect(await said("upgrade", "promote", "bob", "demote", "eve")).toBe("");
  expect(store.calls.slice(-3)).toEqual([
    ["alice", "upgrade", "open"],
    ["alice", "promote", "bob"],
    ["alice", "demote", "eve"],
  ]);
});

test("--room names the room of all commands, behind one its own", async () => {
  const store = new FakeStore();
  await run(line("--room", "bob", "get", "a", "get", "b", "--room", "eve", "whoami"), store);
  expect(store.calls).toEqual([
    ["bob", "get", "a"],
    ["eve", "get", "b"],
  ]);
});

test("live shows the rooms that are named, or all, or what a guest may see", async () => {
  const guest = new FakeStore();
  const manager = new FakeStore();
  Object.assign(manager.session, { role: "manager" });
  const shown = async (words: string, store = manager) => (await run(line(...words.split(" ")), store)).live;
  expect(await shown("live")).toEqual(["*"]);
  expect(await shown("live", guest)).toEqual(["alice"]);
  expect(await shown("live --room bob --room eve")).toEqual(["bob", "eve"]);
  expect(await shown("--room bob whoami live")).toEqual(["bob"]);
});

test("--json prints one object on a line for each command", async () => {
  const store = new FakeStore();
  const words = [
    "put",
    "a",
    "1\n2",
    "get",
    "a",
    "get",
    "b",
    "--room",
    "bob",
    "delete",
    "a",
    "list",
    "whoami",
    "logout",
  ];
  const { out } = await run(line("--json", ...words), store);
  const entry = { key: "a", value: "1\n2", revision: 1, version: 1, updatedAt: 0, updatedBy: "alice" };
  const objects = out
    .trimEnd()
    .split("\n")
    .map((text): unknown => JSON.parse(text));
  expect(objects).toEqual([
    { command: "put", key: "a", revision: 1, version: 1 },
    { command: "get", key: "a", entry },
    { command: "get", key: "b", room: "bob", entry: null },
    { command: "delete", key: "a", revision: 1, existed: true },
    { command: "list", entries: [] },
    { command: "whoami", user: "alice", role: "guest", room: "alice" },
    { command: "logout" },
  ]);
});

test("a sequence stops at its first error, which is said with its code", async () => {
  const store = new FakeStore();
  store.failure = { command: "get", error: new KeyroomError("forbidden", "Only managers may do that.") };
  expect(await run(line("put", "a", "1", "get", "a", "put", "b", "2"), store)).toMatchObject({
    exit: 4,
    out: "",
    err: "keyroom: get a: Only managers may do that. (forbidden)\n",
  });
  expect(store.calls.map(([, command]) => command)).toEqual(["put", "get"]);
});

test("what an error quotes is shown escaped, and a long key is cut", async () => {
  const store = new FakeStore();
  store.failure = { command: "get", error: new KeyroomError("forbidden", "No \u001b[31m.") };
  const { err } = await run(line("get", `\u009b${"k".repeat(100)}`), store);
  expect(err).toMatch(/^keyroom: get \\x9bk+…: No \\x1b\[31m\. \(forbidden\)\n$/);
  expect(err.length).toBeLessThan(110);
});

test("with --json an error is an object too", async () => {
  const store = new FakeStore();
  store.failure = { command: "put", error: new KeyroomError("unknown_outcome", "It may have happened.", { op: OP }) };
  const { exit, out, err } = await run(line("--json", "put", "a", "secret"), store);
  expect(exit).toBe(7);
  expect(JSON.parse(out)).toEqual({
    command: "put",
    key: "a",
    error: { code: "unknown_outcome", message: "It may have happened.", retryable: false, op: OP },
  });
  expect(err).toBe(`keyroom: put a: It may have happened. (unknown_outcome, operation ${OP})\n`);
});

test.each([
  [new KeyroomError("conflict", "x"), 5],
  [new KeyroomError("locked", "x"), 5],
  [new KeyroomError("unauthenticated", "x"), 4],
  [new KeyroomError("timeout", "x"), 6],
  [new KeyroomError("quota", "x"), 1],
  [new TypeError("x is not a function"), 1],
  [Object.assign(new Error("forced"), { name: "Interrupted" }), 130],
])("%s ends with %i, and without a stack", async (error, code) => {
  const store = new FakeStore();
  store.failure = { command: "rooms", error };
  const { exit, err } = await run(line("rooms"), store);
  expect(exit).toBe(code);
  expect(err).not.toMatch(/\n {4}at /);
  expect(err === "").toBe(code === 130);
});

test("only with --strict a missing key is an error", async () => {
  const strict = await run(line("--strict", "get", "a", "put", "a", "1"), new FakeStore());
  expect(strict).toMatchObject({ exit: 3, out: "", err: 'keyroom: get a: There is no key "a". (not_found)\n' });
  expect(await run(line("--strict", "delete", "a"), new FakeStore())).toMatchObject({ exit: 3 });
  expect(await run(line("--strict", "put", "a", "1", "get", "a"), new FakeStore())).toMatchObject({ exit: 0 });
  expect(await run(line("delete", "a"), new FakeStore())).toMatchObject({ exit: 0 });
});

test("values go raw to programs and escaped to terminals", async () => {
  const store = new FakeStore();
  await run(line("put", "a", "\u001b[31mred\n\u202e"), store);
  expect((await run(line("get", "a"), store)).out).toBe("\u001b[31mred\n\u202e\n");
  expect((await run(line("get", "a"), store, { isTerminal: true })).out).toBe("\\x1b[31mred\\n\\u{202e}\n");
});

test("logout forgets the kept token, but only when the server has done it", async () => {
  expect((await run(line("logout"), new FakeStore())).forgotten).toBe(true);
  const store = new FakeStore();
  store.failure = { command: "logout", error: new KeyroomError("unavailable", "Gone.") };
  expect((await run(line("logout"), store)).forgotten).toBe(false);
});

test("--raw prints values byte for byte, to terminals too, and nothing for a missing key", async () => {
  const store = new FakeStore();
  await run(line("put", "a", "\u001b[31mred\n", "put", "b", "", "put", "c", "end"), store);
  const words = ["--raw", "get", "a", "get", "b", "get", "missing", "get", "c", "whoami"];
  for (const isTerminal of [true, false]) {
    expect(await run(line(...words), store, { isTerminal })).toMatchObject({
      exit: 0,
      out: "\u001b[31mred\nendalice guest\n",
    });
  }
});

test.each([
  [{ state: "committed", revision: 7 }, 0, "committed 7\n", ""],
  [{ state: "refused", code: "conflict" }, 5, "refused conflict\n", /The write was refused\. \(conflict\)/],
  [{ state: "refused", code: "of a newer server" }, 1, "refused of a newer server\n", /The write was refused\./],
  [{ state: "never" }, 3, "never\n", /never will be\. \(not_found\)/],
  [{ state: "unknown" }, 7, "unknown\n", /does not know any more.*\(unknown_outcome\)/],
] as const)("with --strict, status ends by what became of the write: %j with %i", async (outcome, exit, out, err) => {
  const store = new FakeStore();
  store.fate = outcome;
  const strict = await run(line("--strict", "status", OP, "whoami"), store);
  expect(strict).toMatchObject({ exit, out: exit === 0 ? `${out}alice guest\n` : out });
  expect(strict.err).toMatch(err);
  expect(await run(line("status", OP), store)).toMatchObject({ exit: 0, out, err: "" });
  const json = await run(line("--strict", "--json", "status", OP), store);
  const error = exit === 0 ? {} : { error: { retryable: false } };
  expect(JSON.parse(json.out)).toMatchObject({ command: "status", op: OP, ...outcome, ...error });
});
