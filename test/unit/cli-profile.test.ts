import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Invocation, parseArguments } from "../../client/cli/arguments.ts";
import { UsageError } from "../../client/cli/errors.ts";
import { addProfile, profileFile } from "../../client/terminal/profiles.ts";
import { KeyroomError } from "../../protocol/errors.ts";

let home: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "keyroom-"));
  env = { XDG_CONFIG_HOME: home };
  const file = profileFile(env);
  await addProfile(file, { name: "lab", host: "127.0.0.1", port: 3000 });
  await addProfile(file, { name: "all", host: "example.org", port: 443, user: "ada", room: "bob", ca: "/ca.pem" });
  await addProfile(file, { name: "tls", host: "::1", port: 1, tls: true });
});

afterEach(() => rm(home, { recursive: true, force: true }));

function parse(line: string, more: NodeJS.ProcessEnv = {}): Invocation {
  return parseArguments(line === "" ? [] : line.split(" "), { ...env, ...more });
}

test("a profile takes the place of HOST PORT, for commands and for the menu", () => {
  const commands = parse("--profile lab get a put b 2 --json");
  expect(commands).toMatchObject({ kind: "commands", url: "http://127.0.0.1:3000", options: { json: true } });
  expect(commands.kind === "commands" && commands.steps.map(({ name }) => name)).toEqual(["get", "put"]);
  expect(parse("--profile=all")).toMatchObject({
    kind: "menu",
    server: { host: "example.org", port: 443 },
    options: { user: "ada", room: "bob", caFile: "/ca.pem", secure: true },
  });
  expect(parse("--profile tls whoami")).toMatchObject({ url: "https://[::1]:1", options: { secure: true } });
});

test("an option goes before its variable, and that before the profile", () => {
  const options = { user: "eve", room: "cleo", caFile: "/x" };
  expect(parse("--profile all --user eve --room cleo --ca /x whoami")).toMatchObject({ options });
  expect(parse("--profile all whoami", { KEYROOM_USER: "env" })).toMatchObject({ options: { user: "env" } });
});

test("KEYROOM_PROFILE does the same, and gives way to a server or a profile that is named", () => {
  const by = { KEYROOM_PROFILE: "lab" };
  expect(parse("", by)).toMatchObject({ kind: "menu", server: { host: "127.0.0.1", port: 3000 } });
  expect(parse("get 5", by)).toMatchObject({ url: "http://127.0.0.1:3000", steps: [{ subject: { key: "5" } }] });
  expect(parse("put 1 2", by)).toMatchObject({ url: "http://127.0.0.1:3000" });
  expect(parse("localhost 80 get a", by)).toMatchObject({ url: "http://localhost:80" });
  expect(parse("--profile tls get a", by)).toMatchObject({ url: "https://[::1]:1" });
  expect(parse("get a --profile tls", by)).toMatchObject({ url: "https://[::1]:1" });
  expect(parse("", { KEYROOM_PROFILE: "" })).toEqual({ kind: "menu", options: expect.anything() });
});

test("a host may be called profile, or like a command", () => {
  expect(parse("profile 3000 get a")).toMatchObject({ kind: "commands", url: "http://profile:3000" });
  expect(parse("profile 3000")).toMatchObject({ kind: "menu", server: { host: "profile" } });
  expect(parse("get 3000 get a")).toMatchObject({ kind: "commands", url: "http://get:3000" });
});

test("profile add, list and remove, with their options anywhere", () => {
  expect(parse("profile add new Example.ORG 443 --user ada --tls --ca ca.pem --room bob")).toEqual({
    kind: "profile",
    action: {
      do: "add",
      profile: {
        name: "new",
        host: "Example.ORG",
        port: 443,
        user: "ada",
        tls: true,
        ca: resolve("ca.pem"),
        room: "bob",
      },
    },
  });
  // Who happens to be signed in here is not part of it.
  expect(parse("--tls profile add new h 1", { KEYROOM_USER: "eve", KEYROOM_PROFILE: "lab" })).toEqual({
    kind: "profile",
    action: { do: "add", profile: { name: "new", host: "h", port: 1, tls: true } },
  });
  expect(parse("profile list")).toEqual({ kind: "profile", action: { do: "list", json: false } });
  expect(parse("profile list --json")).toEqual({ kind: "profile", action: { do: "list", json: true } });
  expect(parse("profile remove lab")).toEqual({ kind: "profile", action: { do: "remove", name: "lab" } });
  expect(parse("profile remove --help")).toEqual({ kind: "help", topic: "profile" });
  expect(parse("--profile lba --version")).toEqual({ kind: "version" });
});

test.each<[string, string, RegExp]>([
  ["an unknown profile", "--profile lba get a", /no profile "lba"\. Did you mean lab\?/],
  ["one that is like none", "--profile elsewhere", /no profile "elsewhere"\. There are: lab, all, tls\./],
  ["one of Object's", "--profile constructor", /no profile "constructor"/],
  ["a profile and a server", "--profile lab localhost 80 get a", /--profile takes the place .* or localhost 80\./],
  ["a profile behind a server", "localhost 80 --profile lab get a", /--profile takes the place of HOST PORT: put it/],
  ["no such action", "profile ad x h 1", /no "profile ad"\. There are: profile add NAME HOST PORT; profile list;/],
  ["no action", "profile", /^Say what .* There are: .* host called profile, put its port/],
  ["too few words", "profile add lab localhost", /goes like this: keyroom profile add NAME HOST PORT\./],
  ["too many words", "profile list lab", /goes like this: keyroom profile list\./],
  ["a port that is none", "profile add lab localhost x", /PORT is a number/],
  ["a host that is none", "profile add x http://localhost 80", /HOST is a name or an address/],
  ["an option of another action", "profile add x h 1 --strict", /profile add has no use for --strict/],
  ["a password", "profile add x h 1 --password secret", /--password is refused/],
  ["a password's file", "profile add x h 1 --password-file f", /no use for --password-file/],
])("%s is a usage error", (_what, line, message) => {
  expect(() => parse(line)).toThrow(UsageError);
  expect(() => parse(line)).toThrow(message);
});

test("where there are no profiles, it is said how one is made", () => {
  const none = { XDG_CONFIG_HOME: join(home, "none") };
  expect(() => parse("--profile lab", none)).toThrow(/Make one: keyroom profile add NAME HOST PORT\./);
});

test.each([
  "profile add --x h 1",
  "profile add a\u0007 h 1",
  "profile add x h 1 --room *",
  "profile add x h 1 --user *",
])("%j is refused", (line) => {
  expect(() => parse(line)).toThrow(line.includes("--x") ? UsageError : KeyroomError);
});
