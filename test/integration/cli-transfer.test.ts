import { readFile, stat, writeFile } from "node:fs/promises";
import { beforeEach, expect, jest, test } from "@jest/globals";
import * as fc from "fast-check";
import { connect, type Entry, type Room, type Store } from "../../client/sdk/index.ts";
import { type Finished, Home } from "../support/cli-process.ts";
import { freshSeed } from "../support/random.ts";
import { starter } from "../support/start.ts";
import { PROTOTYPE_NAMES, wildText } from "../support/texts.ts";

// Each test starts processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

const open = starter();
const PASSPHRASE = "open sesame";

let home: Home;
let url: string;
let ann: Store;
let bob: Store;
let file: string;

beforeEach(async () => {
  home = await Home.make();
  open.closing(() => home.remove());
  file = home.path("export.jsonl");
  ({ url } = await open.serve({ managerPassphrase: PASSPHRASE }));
  ann = await open.store(url, { user: "ann", password: "right" });
  bob = await open.store(url, { user: "bob", password: "right" });
  await ann.upgrade(PASSPHRASE);
});

/** As Ann, a manager. */
function run(words: readonly string[], input = ""): Promise<Finished> {
  const { hostname, port } = new URL(url);
  return home.run([hostname, port, ...words], { KEYROOM_USER: "ann", KEYROOM_PASSWORD: "right" }, input);
}

async function valuesOf(room: Room): Promise<Readonly<Record<string, string>>> {
  const entries: Entry[] = [];
  for (let more = true; more; ) {
    const after = entries.at(-1)?.key;
    const page = await room.list(after === undefined ? {} : { after });
    entries.push(...page.entries);
    more = page.more;
  }
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function linesOf(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const seed = freshSeed();

test(`whatever is in keys and values goes out and comes back as it was (seed ${seed})`, async () => {
  const key = fc.oneof(
    fc.constantFrom(...PROTOTYPE_NAMES, "role", "\u0000", "\n"),
    wildText(20).filter((it) => it !== ""),
  );
  const hostile = ["\u001b]0;title\u0007\u001b[2J", "\u202e\u2028\u0085\ufeff", '{"key":"a"}\n{"key":"b"}\r\n', ""];
  const value = fc.oneof(fc.constantFrom(...hostile), wildText(100));
  const texts = new Map(fc.sample(fc.tuple(key, value), { seed, numRuns: 300 }));
  await Promise.all([...texts].map(([k, v]) => bob.put(k, v)));
  const before = await valuesOf(bob);
  expect(await run(["export", file, "--room", "bob"])).toEqual({
    exit: 0,
    out: "",
    err: `keyroom: Exported ${texts.size} keys.\n`,
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  expect(linesOf(text)).toEqual((await bob.list()).entries);
  const copied = await run(["import", file, "whoami"]);
  expect(copied).toEqual({ exit: 0, out: "ann manager\n", err: `keyroom: Imported ${texts.size} keys.\n` });
  expect(await valuesOf(ann)).toEqual(before);
});

test("10,000 keys go through a pipe, and a value as long as may be", async () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `key ${String(i).padStart(5, "0")}`);
  await Promise.all(keys.map((key, i) => bob.put(key, i === 0 ? "\u2028".repeat(1024 * 341) : `value ${i}`)));
  const before = await valuesOf(bob);
  const { out, err } = await run(["export", "--room", "bob"]);
  expect(err).toBe("keyroom: Exported 10,000 keys.\n");
  expect(linesOf(out).map(({ key }) => key)).toEqual(keys);
  expect(await run(["import"], out)).toEqual({ exit: 0, out: "", err: "keyroom: Imported 10,000 keys.\n" });
  expect(await valuesOf(ann)).toEqual(before);
});

test("a manager takes all rooms to a server where the same users are; with --quiet nothing is said", async () => {
  await ann.put("a", "1");
  await bob.put("b", "2");
  await open.store(url, { user: "cleo", password: "right" });
  expect(await run(["--quiet", "export", file, "--room", "*"])).toEqual({ exit: 0, out: "", err: "" });
  expect(linesOf(await readFile(file, "utf8"))).toMatchObject([
    { room: "ann", key: "a", value: "1", revision: 1, updatedBy: "ann" },
    { room: "bob", key: "b", value: "2" },
  ]);
  const mixed = await run(["import", file]);
  expect(mixed).toMatchObject({ exit: 1, err: expect.stringContaining("Line 2: It is of the room of bob.") });
  ({ url } = await open.serve({ managerPassphrase: PASSPHRASE }));
  const elsewhere = await open.store(url, { user: "ann", password: "right" });
  await elsewhere.upgrade(PASSPHRASE);
  const nobody = await run(["import", file, "--room", "*"]);
  expect(nobody).toMatchObject({
    exit: 3,
    err: expect.stringMatching(/^keyroom: import .*: Line 2: .*\(not_found\)\n$/),
  });
  const other = await open.store(url, { user: "bob", password: "right" });
  expect(await run(["--json", "import", file, "--room", "*"])).toEqual({
    exit: 0,
    out: `{"command":"import","file":"${file}","room":"*","keys":2}\n`,
    err: "keyroom: Imported 2 keys.\n",
  });
  expect([await valuesOf(elsewhere), await valuesOf(other)]).toEqual([{ a: "1" }, { b: "2" }]);
});

test("a guest exports and imports his own room, and no other", async () => {
  const guest = { KEYROOM_USER: "bob", KEYROOM_PASSWORD: "right" };
  const { hostname, port } = new URL(url);
  await bob.put("a", "1");
  const own = await home.run([hostname, port, "export", "-", "import", "-"], guest, '{"key":"b","value":"2"}');
  expect(own).toMatchObject({ exit: 0, out: expect.stringMatching(/^\{"key":"a","value":"1".*\}\n$/) });
  expect(await valuesOf(bob)).toEqual({ a: "1", b: "2" });
  for (const words of [
    ["export", file, "--room", "*"],
    ["export", file, "--room", "ann"],
  ]) {
    expect(await home.run([hostname, port, ...words], guest)).toMatchObject({
      exit: 4,
      err: expect.stringMatching(/^keyroom: export .* \(forbidden\)\n$/),
    });
  }
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

test.each([
  ["not JSON", "{key: 1}", "It is not JSON. Each line is an object with key and value, as export writes them."],
  ["no object", "[]", "entry"],
  ["no key", '{"value":"1"}', "key"],
  ["a value that is no text", '{"key":"a","value":1}', "value"],
  ["an empty key", '{"key":"","value":"1"}', "The key is empty."],
])("it stops at the first bad line, with %s; what stands before is done", async (_what, bad, sentence) => {
  const good = (key: string) => JSON.stringify({ key, value: "1", revision: 9, by: ["whatever"] });
  const { exit, out, err } = await run(["import"], [good("a"), "", good("b"), bad, good("c"), bad].join("\r\n"));
  expect({ exit, out }).toEqual({ exit: 1, out: "" });
  expect(err).toMatch(/^keyroom: import: Line 4: .* 2 keys imported before that\.\n$/);
  expect(err).toContain(sentence);
  expect(await valuesOf(ann)).toEqual({ a: "1", b: "1" });
});

test("a line that the server refuses is named, also before one that is bad", async () => {
  const { url: small } = await open.serve({ limits: { roomKeys: 2 } });
  const guest = await connect(small, { user: "ann", password: "right" });
  open.closing(() => guest.close());
  const { hostname, port } = new URL(small);
  const lines = ["a", "b", "c", "d"].map((key) => JSON.stringify({ key, value: "1" }));
  await writeFile(file, [...lines, "{"].join("\n"));
  const env = { KEYROOM_USER: "ann", KEYROOM_PASSWORD: "right" };
  const { exit, err } = await home.run([hostname, port, "import", file], env);
  expect(exit).toBe(1);
  expect(err).toMatch(/^keyroom: import .*: Line 3: .* 2 keys imported before that\. \(quota\)\n$/);
});

test("it counts what was put behind a line that the server refuses, and with --wait puts nothing there", async () => {
  await ann.lock(["b"]);
  const lines = ["a", "b", "c", "d"].map((key) => JSON.stringify({ key, value: "1" })).join("\n");
  const wanted = (ended: string) => ({ exit: 5, err: expect.stringMatching(ended) });
  expect(await run(["import"], lines)).toMatchObject(
    wanted(
      String.raw`^keyroom: import: Line 2: The key "b" is locked by ann .* Wait for it with --wait TIME, or try again later\. 1 key imported before that, and 2 from lines behind it\. \(locked\)\n$`,
    ),
  );
  expect(await valuesOf(ann)).toEqual({ a: "1", c: "1", d: "1" });
  await ann.lock(["a"]);
  expect(await run(["import"], lines)).toMatchObject(
    wanted(String.raw`Line 1: .* 0 keys imported before that, and 2 from lines behind it\. \(locked\)\n$`),
  );
  await ann.unlock(["a"]);
  await ann.write({ deletes: ["a", "c", "d"] });
  expect(await run(["import", "--wait", "1ms"], lines)).toMatchObject(
    wanted(String.raw`Line 2: .* 1 key imported before that\. \(locked\)\n$`),
  );
  expect(await valuesOf(ann)).toEqual({ a: "1" });
});

test("import --wait lets a line wait for the locks of others, and the lines behind it for that line", async () => {
  await ann.lock(["b"]);
  const lines = ["a", "b", "c", "b"].map((key, i) => JSON.stringify({ key, value: String(i) })).join("\n");
  const waits = run(["import", "--wait", "1m"], lines);
  let behind: readonly string[] = [];
  await ann.followLocks(({ waiters }) => {
    if (waiters.length === 0) return;
    ann
      .read(["a", "c"])
      .then(({ entries }) => {
        behind = entries.map(({ key }) => key);
        return ann.unlock(["b"]);
      })
      .catch(() => undefined);
  });
  expect(await waits).toEqual({ exit: 0, out: "", err: "keyroom: Imported 4 keys.\n" });
  expect([behind, await valuesOf(ann)]).toEqual([["a"], { a: "0", b: "3", c: "2" }]);
});

test("what cannot be read or written is said in a sentence", async () => {
  expect(await run(["import", home.path("none")])).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/: Cannot read .*none: no such file or folder\.\n$/),
  });
  expect(await run(["export", home.path("no", "folder")])).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/: Cannot write .*folder: no such file or folder\.\n$/),
  });
});
