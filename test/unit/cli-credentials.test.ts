import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Credentials, tokenFile } from "../../client/terminal/credentials.ts";

const URL_A = "http://127.0.0.1:3000";
const URL_B = "http://127.0.0.1:3001";

let home: string;
let file: string;
let said: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "keyroom-"));
  file = tokenFile({ XDG_CONFIG_HOME: home });
  said = [];
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function open(): Credentials {
  return new Credentials(file, (sentence) => said.push(sentence));
}

test("keeps one token for each server and user, also for users with odd names", async () => {
  const users = [null, "alice", "__proto__", "constructor", "null"];
  for (const user of users) await open().save(URL_A, user, `old ${user}`);
  for (const user of users) await open().save(URL_A, user, `of ${user === null ? "guest" : user}`);
  await open().save(URL_B, "alice", "elsewhere");
  expect(await open().find(URL_A, null)).toBe("of guest");
  for (const user of users.slice(1)) expect(await open().find(URL_A, user)).toBe(`of ${user}`);
  expect(await open().find(URL_B, "alice")).toBe("elsewhere");
  await open().forget(URL_A, "alice");
  expect(await open().find(URL_A, "alice")).toBeUndefined();
  expect(await open().find(URL_B, "alice")).toBe("elsewhere");
  expect(said).toEqual([]);
});

test("only its owner can read it, and nothing else is left lying about", async () => {
  await open().save(URL_A, null, "secret");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(home, "keyroom"))).mode & 0o777).toBe(0o700);
  await chmod(file, 0o644);
  await open().save(URL_A, null, "another");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(home, "keyroom"))).toEqual(["tokens.json"]);
});

test.each(["", "{", "[]", '{"tokens":[{"server":1}]}', "null"])(
  "says that %j is damaged and replaces it",
  async (text) => {
    await open().save(URL_A, null, "first");
    await writeFile(file, text);
    const credentials = open();
    expect(await credentials.find(URL_A, null)).toBeUndefined();
    await credentials.save(URL_A, null, "second");
    expect(said).toEqual([expect.stringContaining("damaged")]);
    expect(await open().find(URL_A, null)).toBe("second");
  },
);

test("many at once lose nothing", async () => {
  const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
  await Promise.all(users.map((user) => open().save(URL_A, user, `token of ${user}`)));
  for (const user of users) expect(await open().find(URL_A, user)).toBe(`token of ${user}`);
});

test("work that is to be alone is alone", async () => {
  let inside = 0;
  const results = await Promise.all(
    [1, 2, 3].map((n) =>
      open().alone(async () => {
        expect(++inside).toBe(1);
        await open().save(URL_A, "alice", `${n}`);
        inside--;
        return n;
      }),
    ),
  );
  expect(results).toEqual([1, 2, 3]);
});

test("a lock left behind by a killed process is in nobody's way", async () => {
  await open().save(URL_A, null, "first");
  await writeFile(`${file}.lock`, "");
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${file}.lock`, longAgo, longAgo);
  await open().save(URL_A, null, "second");
  expect(await open().find(URL_A, null)).toBe("second");
});

test("a place that cannot be written to is said once and is no error", async () => {
  await writeFile(join(home, "keyroom"), "a file where the folder should be");
  const credentials = open();
  await credentials.save(URL_A, null, "token");
  expect(await credentials.alone(async () => "done")).toBe("done");
  expect(said.join("\n")).toContain("Cannot keep the sign-in in");
  expect(await readFile(join(home, "keyroom"), "utf8")).toContain("a file where");
});
