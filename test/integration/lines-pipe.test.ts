import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type RunningServer, startServer } from "../../server/server.ts";
import { finished, Home } from "../support/cli-process.ts";

let home: Home;
let server: RunningServer;
beforeAll(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, managerPassphrase: "sesame" });
});
afterAll(async () => {
  await server.close();
  await home.remove();
});

function lines(input: string | Buffer, env: NodeJS.ProcessEnv = {}) {
  const { hostname, port } = new URL(server.url);
  return home.run([hostname, port, "--lines"], env, input);
}

test("a pipe has its commands answered in order, without a prompt, and ends with the last error's code", async () => {
  const input = ["put a 1 get a nope", "get none", 'put "c d" "e\tf"\r', 'get "c d" list', "rooms", "get a"].join("\n");
  const { exit, out, err } = await lines(input, { KEYROOM_USER: "ada", KEYROOM_PASSWORD: "hers" });
  expect(out).toBe("done\n1\n\ndone\ne\tf\na\nc d\n1\n");
  expect(err).toMatch(/^keyroom: There is no command "nope"\..*\nkeyroom: rooms: Only managers .* \(forbidden\)\n$/);
  expect(exit).toBe(4);
});

test("the last error counts, also one behind which all went well", async () => {
  expect((await lines("rooms\nget\nwhoami")).exit).toBe(2);
  expect((await lines('get a\nput "x')).exit).toBe(2);
  expect((await lines("get a")).exit).toBe(0);
});

test("a pipe can become a manager, and logs out", async () => {
  const env = { KEYROOM_USER: "eve", KEYROOM_PASSWORD: "hers", KEYROOM_PASSPHRASE: "sesame" };
  const { exit, out, err } = await lines("put a 1\nsudo-su-manager get eve a whoami\nlogout\nwhoami", env);
  expect([out, err, exit]).toEqual(["done\nYou are a manager now.\n1\neve manager\n", "", 0]);
  expect((await lines("whoami", { KEYROOM_USER: "eve" })).exit).toBe(4);
});

test("without a server it ends with 6", async () => {
  const { exit, out, err } = await home.run(["127.0.0.1", "1", "--lines"], {}, "get a\n");
  expect([exit, out]).toEqual([6, ""]);
  expect(err).toContain("Cannot reach http://127.0.0.1:1: connection refused. Is the server running?");
});

test("what a watched room tells comes between the answers, as it happens", async () => {
  const { hostname, port } = new URL(server.url);
  const child = home.spawn([hostname, port, "--lines"]);
  const told = new Promise<void>((resolve) => {
    let seen = "";
    child.stdout?.on("data", (data: Buffer) => {
      seen += data.toString();
      if (seen.includes("Watching your room: 0 keys.")) child.stdin?.end("put a 1\nget a\n");
      if (seen.includes("1\n")) resolve();
    });
  });
  const end = finished(child);
  child.stdin?.write("watch\n");
  await told;
  const { exit, out, err } = await end;
  expect(out).toMatch(/^\d\d:\d\d:\d\d Watching your room: 0 keys\.\ndone\n1\n$/);
  expect([exit, err]).toEqual([0, ""]);
});

test("only a line feed ends a line: no value can bring a command of its own", async () => {
  for (const end of ["\r", "\u2028", "\u2029", "\x85"]) {
    const value = `1${end}put b theirs`;
    const { exit, out, err } = await lines(`put a "${value}"\nget a\nget b`, {
      KEYROOM_USER: "pia",
      KEYROOM_PASSWORD: "p",
    });
    expect([exit, out, err]).toEqual([0, `done\n${value}\n\n`, ""]);
  }
});

test("what is no text is refused, and the lines before it are run", async () => {
  const { exit, out, err } = await lines(Buffer.from("put a 1\nput b \xff\n", "latin1"));
  expect([exit, out, err]).toEqual([1, "done\n", "keyroom: Line 2 is not UTF-8 text.\n"]);
});
