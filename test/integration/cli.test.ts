import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { type RunningServer, startServer } from "../../server/server.ts";
import { type Finished, finished, Home } from "../support/cli-process.ts";
import { greeting, heartlessServer, scriptedServer } from "../support/mute-server.ts";
import { FaultProxy } from "../support/proxy.ts";

// Each test starts several processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

const PASSPHRASE = "open sesame";

let server: RunningServer;
let home: Home;
/** HOST and PORT of the server. */
let at: readonly [string, string];

beforeAll(async () => {
  server = await startServer({ port: 0, managerPassphrase: PASSPHRASE });
  at = hostAndPort(server.url);
});

afterAll(() => server.close());

beforeEach(async () => {
  home = await Home.make();
});

afterEach(() => home.remove());

function hostAndPort(url: string): readonly [string, string] {
  const { hostname, port } = new URL(url);
  return [hostname, port];
}

function expectNoStack({ out, err }: Finished): void {
  expect(`${out}${err}`).not.toMatch(/^\s+at .*[:(]/m);
  expect(`${out}${err}`).not.toContain("node:internal");
}

/** Runs a line that must fail with this exit code and one sentence. */
async function expectFailure(run: Promise<Finished>, exit: number, sentence: RegExp): Promise<void> {
  const result = await run;
  expectNoStack(result);
  expect(result).toMatchObject({ exit, err: expect.stringMatching(sentence) });
  expect(result.err).toMatch(/^keyroom: [^\n]*\n$/);
}

test("whoever waits for a server that has fallen silent is told so", async () => {
  const silent = await heartlessServer();
  try {
    const { err, exit } = await home.run([...hostAndPort(silent.url), "--timeout", "1.5", "get", "city"]);
    expect(err).toBe(
      "keyroom: No word from the server for 1 s. Still waiting.\nkeyroom: get city: No answer to get in time. (timeout)\n",
    );
    expect(exit).toBe(6);
  } finally {
    await silent.close();
  }
});

test("on a line that is silently dead, nobody waits for the answer to a goodbye", async () => {
  let dead = 0;
  const silent = await scriptedServer(
    greeting((socket) =>
      socket.on("get", () => {
        dead = performance.now();
        for (const direction of ["requests", "answers"] as const) proxy.hold(direction);
      }),
    ),
  );
  const proxy = await FaultProxy.open(silent.url);
  try {
    const { exit } = await home.run([...hostAndPort(proxy.url), "--timeout", "1", "get", "city"]);
    expect(exit).toBe(6);
    // Half a minute, if it were waited for.
    expect(performance.now() - dead).toBeLessThan(15_000);
  } finally {
    await proxy.close();
    await silent.close();
  }
});

test("the first example of all: India, Kolkata and an empty line", async () => {
  const words = "put city Kolkata put country India get country get city get Institute";
  expect(await home.run([...at, ...words.split(" ")])).toEqual({ exit: 0, out: "India\nKolkata\n\n", err: "" });
});

test("an anonymous guest is the same one each time from the same home, another one from elsewhere", async () => {
  await home.run([...at, "put", "city", "Kolkata"]);
  const first = await home.run([...at, "get", "city", "whoami"]);
  const second = await home.run([...at, "get", "city", "whoami"]);
  expect(first).toEqual({ exit: 0, out: expect.stringMatching(/^Kolkata\n\S+ guest\n$/), err: "" });
  expect(second).toEqual(first);
  expect((await stat(home.tokens)).mode & 0o777).toBe(0o600);
  const elsewhere = await Home.make();
  try {
    const other = await elsewhere.run([...at, "get", "city", "whoami"]);
    expect(other.out).toMatch(/^\n\S+ guest\n$/);
    expect(other.out.split("\n")[1]).not.toBe(first.out.split("\n")[1]);
  } finally {
    await elsewhere.remove();
  }
});

test("two guests that start at once from one home are one", async () => {
  const runs = await Promise.all(["a", "b"].map((key) => home.run([...at, "put", key, "1", "whoami"])));
  expect(runs.map(({ exit, err }) => [exit, err])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  expect(runs[0]?.out).toBe(runs[1]?.out);
  expect((await home.run([...at, "list"])).out).toBe("a\nb\n");
});

test("a guest whom a new server does not know is made anew, and told on stderr", async () => {
  const first = await startServer({ port: 0 });
  const address = hostAndPort(first.url);
  const put = await home.run([...address, "put", "a", "1"]).finally(() => first.close());
  expect(put.exit).toBe(0);
  const second = await startServer({ port: Number(address[1]) });
  try {
    const result = await home.run([...address, "get", "a"]);
    expect(result).toEqual({ exit: 0, out: "\n", err: expect.stringMatching(/^keyroom: .* no longer knows .*\n$/) });
    expect((await home.run([...address, "get", "a"])).err).toBe("");
    await writeFile(home.tokens, (await readFile(home.tokens, "utf8")).replace(/"token": ".../, '"token": "odd'));
    expect(await home.run(["--quiet", ...address, "get", "a"])).toEqual({ exit: 0, out: "\n", err: "" });
  } finally {
    await second.close();
  }
});

test("a user signs in with a password, then with the kept token; a wrong password is denied", async () => {
  const alice = { KEYROOM_USER: "alice", KEYROOM_PASSWORD: "right" };
  expect((await home.run([...at, "put", "a", "1"], alice)).exit).toBe(0);
  expect(await home.run(["--user", "alice", ...at, "get", "a"])).toEqual({ exit: 0, out: "1\n", err: "" });
  expect(await readFile(home.tokens, "utf8")).toContain("alice");
  expect((await home.run([...at, "logout"], alice)).exit).toBe(0);
  expect(await readFile(home.tokens, "utf8")).not.toContain("alice");
  await expectFailure(home.run(["--user", "alice", ...at, "get", "a"]), 4, /Set KEYROOM_PASSWORD.*\(unauthenticated\)/);
  await expectFailure(home.run([...at, "get", "a"], { ...alice, KEYROOM_PASSWORD: "wrong" }), 4, /\(unauthenticated\)/);
  await writeFile(home.path("password"), "right\n");
  const byFile = ["--user", "alice", "--password-file", home.path("password"), ...at, "get", "a"];
  expect(await home.run(byFile)).toEqual({ exit: 0, out: "1\n", err: "" });
});

test("a guest may not reach another's room; as a manager he may", async () => {
  const owner = { KEYROOM_USER: "owner", KEYROOM_PASSWORD: "pw" };
  const boss = { KEYROOM_USER: "boss", KEYROOM_PASSWORD: "pw" };
  await home.run([...at, "put", "city", "Kolkata"], owner);
  const peek = ["--room", "owner", ...at, "get", "city"];
  await expectFailure(home.run(peek, boss), 4, /^keyroom: get city: .*\(forbidden\)$/m);
  const wrong = home.run([...at, "upgrade"], { ...boss, KEYROOM_PASSPHRASE: "guess" });
  await expectFailure(wrong, 4, /^keyroom: upgrade: /);
  const words = ["upgrade", "get", "city", "--room", "owner", "put", "city", "Delhi", "--room", "owner", "whoami"];
  const raised = await home.run([...at, ...words], { ...boss, KEYROOM_PASSPHRASE: PASSPHRASE });
  expect(raised).toEqual({ exit: 0, out: "Kolkata\nboss manager\n", err: "" });
  expect((await home.run([...at, "get", "city"], owner)).out).toBe("Delhi\n");
  const rooms = await home.run([...at, "rooms", "promote", "owner"], boss);
  expect(rooms.out.split("\n")).toEqual(expect.arrayContaining(["boss", "owner"]));
  expect((await home.run([...at, "whoami"], owner)).out).toBe("owner manager\n");
});

test("values travel through pipes and files as they are", async () => {
  const value = "two\nlines, \u001b[31mred\u001b[0m, no newline at the end";
  const run = await home.run([...at, "put", "a", "--from", "-", "get", "a"], {}, value);
  expect(run).toEqual({ exit: 0, out: `${value}\n`, err: "" });
  await writeFile(home.path("value"), "\ufeffBOM\n");
  expect((await home.run([...at, "put", "b", "--from", home.path("value"), "get", "b"])).out).toBe("\ufeffBOM\n\n");
  await expectFailure(home.run([...at, "put", "c", "--from", home.path("none")]), 1, /no such file/);
  await expectFailure(home.run([...at, "put", "c", "--from", "-"], {}, Buffer.from([0xff])), 1, /not UTF-8 text/);
  const long = home.run([...at, "put", "c", "--from", "/dev/zero"]);
  await expectFailure(long, 1, /too long.*\(too_large\)/);
});

test("--json prints an object for each command, and for the error that ended it", async () => {
  const { exit, out } = await home.run(["--json", "--strict", ...at, "put", "a", "1", "get", "a", "get", "b"]);
  const objects = out
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(exit).toBe(3);
  expect(objects).toMatchObject([
    { command: "put", key: "a", revision: 1, version: 1 },
    { command: "get", key: "a", entry: { value: "1", revision: 1 } },
    { command: "get", key: "b", error: { code: "not_found", retryable: false } },
  ]);
});

test("list follows the pages to the end", async () => {
  const keys = Array.from({ length: 1100 }, (_, i) => `k${String(i).padStart(4, "0")}`);
  const run = await home.run([...at, ...keys.flatMap((key) => ["put", key, "1"]), "list"]);
  expect(run.out.trimEnd().split("\n")).toEqual(keys);
  expect((await home.run([...at, "list", "--prefix", "k109"])).out.trimEnd().split("\n")).toHaveLength(10);
});

test("a server that is not there is unreachable, in a sentence", async () => {
  const port = await freePort();
  const run = home.run(["127.0.0.1", `${port}`, "get", "a"]);
  const url = `http://127.0.0.1:${port}`;
  await expectFailure(run, 6, new RegExp(`Cannot reach ${url}: connection refused. Is the server running\\?`));
  const json = await home.run(["--json", "127.0.0.1", `${port}`, "get", "a"]);
  expect(JSON.parse(json.out)).toMatchObject({ command: "connect", error: { code: "unavailable", retryable: true } });
});

test("a server that goes in the middle of a sequence ends it there, in a sentence", async () => {
  const passing = await startServer({ port: 0 });
  const words = ["get", "a", "put", "b", "--from", "-", "get", "b"];
  const child = home.spawn(["--timeout", "2", ...hostAndPort(passing.url), ...words]);
  child.stdout?.once("data", () => {
    passing.close().then(
      () => child.stdin?.end("1"),
      () => child.kill(),
    );
  });
  const result = await finished(child);
  expectNoStack(result);
  // Whether the put left before the client saw the end is a matter of luck, and the exit code says which it was.
  const [, code = ""] = /^keyroom: put b: [^\n]* \((\w+)[^\n]*\)\n$/.exec(result.err) ?? [];
  expect([
    ["timeout", 6],
    ["unavailable", 6],
    ["unknown_outcome", 7],
  ]).toContainEqual([code, result.exit]);
  expect(result.out).toBe("\n");
});

test("a server that never answers is given up after --timeout", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  const sockets: Socket[] = [];
  silent.on("connection", (socket) => sockets.push(socket));
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? `${address?.port}` : "";
  try {
    await expectFailure(home.run(["--timeout", "0.5", "127.0.0.1", port, "get", "a"]), 6, /\((timeout|unavailable)\)/);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});

test.each<[string, readonly string[], RegExp]>([
  ["no command and no terminal", [], /The menu needs a terminal/],
  ["the live view without one", ["HOST", "PORT", "live"], /live needs a terminal\. Elsewhere, watch prints changes/],
  ["an unknown command behind a good one", ["HOST", "PORT", "put", "a", "1", "gett", "a"], /Did you mean get\?/],
  ["a password in the open", ["--password", "x", "HOST", "PORT", "get", "a"], /--password is refused/],
  ["an empty key", ["HOST", "PORT", "put", "a", "1", "get", ""], /The key is empty/],
])("%s is a usage error, and nothing runs", async (_what, words, sentence) => {
  const args = words.map((word) => (word === "HOST" ? at[0] : word === "PORT" ? at[1] : word));
  await expectFailure(home.run(args), 2, sentence);
  expect((await home.run([...at, "list"])).out).toBe("");
});

test("--help and --version print and end", async () => {
  expect(await home.run(["--help"])).toMatchObject({ exit: 0, out: expect.stringContaining("Usage:"), err: "" });
  expect(await home.run(["--version"])).toMatchObject({ exit: 0, out: expect.stringMatching(/^keyroom \d+\.\d+/) });
});

test("a reader that has gone is no error, and the writes behind are done", async () => {
  const child = home.spawn([...at, "get", "a", "get", "b", "put", "c", "1", "get", "c"]);
  child.stdout?.destroy();
  const { exit, err } = await finished(child);
  expect({ exit, err }).toEqual({ exit: 0, err: "" });
  expect((await home.run([...at, "get", "c"])).out).toBe("1\n");
});

const FULL = "/dev/full";
(existsSync(FULL) ? test : test.skip)("an output that cannot be written is said, and ends it with 1", async () => {
  const full = await open(FULL, "w");
  const child = home.spawn([...at, "get", "a"], {}, full.fd);
  await expectFailure(finished(child), 1, /Cannot write the output: the disk is full\./);
  await full.close();
});

test("an interrupt ends it with 130 and without a word", async () => {
  const child = home.spawn([...at, "put", "a", "1", "get", "a", "put", "b", "--from", "-"]);
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const result = await finished(child);
  expect(result).toEqual({ exit: 130, out: "1\n", err: "" });
});

test("an interrupt while connecting ends it at once, whatever the server does", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? `${address?.port}` : "";
  const child = home.spawn(["127.0.0.1", port, "get", "a"]);
  try {
    const [socket] = await once(silent, "connection");
    socket.on("error", () => undefined);
    const interrupted = performance.now();
    child.kill("SIGINT");
    expect(await finished(child)).toEqual({ exit: 130, out: "", err: "" });
    // Half the time that the SDK would try on.
    expect(performance.now() - interrupted).toBeLessThan(5_000);
  } finally {
    child.kill("SIGKILL");
    silent.close();
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
