import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Store } from "../../client/sdk/index.ts";
import { Home } from "../support/cli-process.ts";
import { WatchProcess } from "../support/cli-watch.ts";
import { starter } from "../support/start.ts";

// Each test starts processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

const open = starter();
let home: Home;
let ann: Store;
let at: readonly string[];

beforeEach(async () => {
  home = await Home.make();
  open.closing(() => home.remove());
  const server = await open.serve();
  const { hostname, port } = new URL(server.url);
  at = [hostname, port];
  ann = await open.store(server.url, { user: "ann", password: "right" });
});

let started: WatchProcess | undefined;

afterEach(async () => {
  await started?.end("SIGKILL");
});

function watch(...words: readonly string[]): WatchProcess {
  const env = { KEYROOM_USER: "ann", KEYROOM_PASSWORD: "right" };
  started = new WatchProcess(home.spawn([...at, ...words], env));
  return started;
}

test("runs for what is there and for each change, in order and one at a time", async () => {
  const process = watch("watch", "--exec", "echo '\"begin\"'; sleep 0.01; cat; echo '\"end\"'");
  const next = async (): Promise<unknown> => {
    const [begin, event, end] = [await process.event(), await process.event(), await process.event()];
    expect([begin, end]).toEqual(["begin", "end"]);
    return event;
  };
  expect(await next()).toMatchObject({ kind: "snapshot", room: "ann" });
  const keys = Array.from({ length: 10 }, (_, i) => `key ${i}`);
  await Promise.all(keys.map((key) => ann.put(key, "1")));
  for (const key of keys) expect(await next()).toMatchObject({ kind: "change", puts: [{ key }] });
});

test("a failure is said, and it goes on; with --strict it ends with 1, and a later run begins with that change", async () => {
  const file = home.path("position");
  const command = `test "$KEYROOM_KEY" != bad && cat`;
  const lenient = watch("watch", "--exec", command);
  await lenient.event();
  await ann.put("bad", "1");
  expect(await lenient.sentence()).toBe(
    "keyroom: The command ended with 1 on revision 1 in the room of ann. Going on.",
  );
  await ann.put("good", "2");
  expect(await lenient.event()).toMatchObject({ puts: [{ key: "good" }] });
  await lenient.end("SIGINT");

  const strict = watch("--strict", "watch", "--save", file, "--exec", command);
  await strict.event();
  await ann.put("good", "3");
  await strict.event();
  await ann.put("bad", "4");
  expect(await strict.ended()).toBe(1);
  expect(await strict.sentence()).toBe("keyroom: watch: The command ended with 1 on revision 4 in the room of ann.");
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ revision: 3 });
  const again = watch("watch", "--from", file, "--exec", "cat");
  expect(await again.event()).toMatchObject({ puts: [{ key: "bad", value: "4" }] });
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends the command and what it has started; its change is not counted as done",
  async (signal) => {
    const file = home.path("position");
    const command = `cat; case $KEYROOM_KIND in change) sleep 1000 & wait;; esac`;
    const process = watch("watch", "--save", file, "--exec", command);
    await process.event();
    await ann.put("a", "1");
    await process.event();
    // Whoever holds the output is waited for: all have ended.
    expect(await process.end(signal)).toBe(signal === "SIGINT" ? 130 : signal);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ revision: 0 });
  },
);
