import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LocalError } from "../../client/terminal/local-error.ts";
import { configFile, stateFile } from "../../client/terminal/places.ts";
import {
  addProfile,
  type Profile,
  profileFile,
  profileUrl,
  readProfiles,
  removeProfile,
} from "../../client/terminal/profiles.ts";

const LAB: Profile = { name: "lab", host: "127.0.0.1", port: 3000 };
const HOME: Profile = {
  name: "__proto__",
  host: "::1",
  port: 443,
  user: "ada",
  room: "bob",
  tls: true,
  ca: "/etc/ca.pem",
};

let home: string;
let file: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "keyroom-"));
  file = profileFile({ XDG_CONFIG_HOME: home });
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function written(text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

test("files are below the folders of the XDG specification, which ignores relative ones", () => {
  expect(configFile({ XDG_CONFIG_HOME: "/c" }, "f")).toBe("/c/keyroom/f");
  expect(stateFile({ XDG_STATE_HOME: "/s" }, "f")).toBe("/s/keyroom/f");
  for (const odd of [undefined, "", "relative/folder"]) {
    expect(configFile({ XDG_CONFIG_HOME: odd }, "f")).toMatch(/^\/.*\/\.config\/keyroom\/f$/);
    expect(stateFile({ XDG_STATE_HOME: odd }, "f")).toMatch(/^\/.*\/\.local\/state\/keyroom\/f$/);
  }
});

test("profiles are kept in the order in which they were added, until they are removed", async () => {
  expect(readProfiles(file)).toEqual([]);
  await addProfile(file, LAB);
  await addProfile(file, HOME);
  expect(readProfiles(file)).toEqual([LAB, HOME]);
  await removeProfile(file, "lab");
  expect(readProfiles(file)).toEqual([HOME]);
  expect(await readdir(dirname(file))).toEqual(["profiles.json"]);
  expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
});

test("one that is there is not replaced", async () => {
  await addProfile(file, LAB);
  await expect(addProfile(file, { ...LAB, port: 3001 })).rejects.toThrow(
    "There is a profile lab already, for http://127.0.0.1:3000. Choose another name, or remove it first.",
  );
  expect(readProfiles(file)).toEqual([LAB]);
});

test("many that are added and removed at once lose nothing", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
  await addProfile(file, LAB);
  await Promise.all([...names.map((name) => addProfile(file, { ...LAB, name })), removeProfile(file, "lab")]);
  expect(new Set(readProfiles(file).map(({ name }) => name))).toEqual(new Set(names));
});

test("a link to where the file is kept stays one", async () => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(join(home, "mine.json"), '{"profiles":[]}');
  await symlink(join(home, "mine.json"), file);
  await addProfile(file, LAB);
  expect(await readFile(join(home, "mine.json"), "utf8")).toContain('"lab"');
});

test.each<[string, string, string]>([
  ["nothing", "", "The file is empty."],
  ["half of it", '{"profiles":[', "Its JSON ends too early."],
  ["a comma too many", '{\n  "profiles": [],\n}', "Its JSON is wrong at line 3, column 1."],
  ["a list", "[]", "It takes an object."],
  [
    "JSON with a mistake",
    '{\n  "profiles": [\n    {"name": hunter2}\n  ]\n}',
    "Its JSON has a word that is not in double quotes",
  ],
  ["a profile without a port", '{"profiles":[{"name":"a","host":"h"}]}', 'It needs a field "profiles.0.port".'],
  [
    "a password",
    '{"profiles":[{"name":"a","host":"h","port":1,"password":"hunter2"}]}',
    'It has no field "profiles.0.password".',
  ],
  ["a port in quotes", '{"profiles":[{"name":"a","host":"h","port":"1"}]}', '"profiles.0.port" to be a number.'],
  ["a port of no server", '{"profiles":[{"name":"a","host":"h","port":0}]}', "to be at least 1."],
  ["a URL", '{"profiles":[{"name":"a","host":"http://u:hunter2@h","port":1}]}', "A host is a name or an address."],
  ["an option for a name", '{"profiles":[{"name":"--a","host":"h","port":1}]}', "does not begin with -."],
  ["a name twice", JSON.stringify({ profiles: [LAB, LAB] }), "Two profiles have one name."],
])("a file that holds %s is told of and stays as it is", async (_what, text, why) => {
  await written(text);
  const refused = await addProfile(file, { ...LAB, name: "other" }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LocalError);
  expect(String(refused)).toContain(`The profiles in ${file} are damaged. `);
  expect(String(refused)).toContain(why);
  expect(String(refused)).toContain("Mend the file, or move it away to begin anew.");
  expect(String(refused)).not.toContain("hunter2");
  await expect(removeProfile(file, "lab")).rejects.toThrow("damaged");
  expect(await readFile(file, "utf8")).toBe(text);
  expect(await readdir(dirname(file))).toEqual(["profiles.json"]);
});

test("a place that cannot be read or written is told of in words", async () => {
  await mkdir(file, { recursive: true });
  expect(() => readProfiles(file)).toThrow(`Cannot read the profiles in ${file}: it is a folder.`);
  const below = join(home, "file", "keyroom", "profiles.json");
  await writeFile(join(home, "file"), "");
  await expect(addProfile(below, LAB)).rejects.toThrow(
    `Cannot write the profiles to ${below}: a part of the path is no folder.`,
  );
});

test("where a profile is, is a URL; a CA of its own means TLS", () => {
  expect(profileUrl(LAB)).toBe("http://127.0.0.1:3000");
  expect(profileUrl(HOME)).toBe("https://[::1]:443");
  expect(profileUrl({ ...LAB, ca: "/ca.pem" })).toBe("https://127.0.0.1:3000");
});
