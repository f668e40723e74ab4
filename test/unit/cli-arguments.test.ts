import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { type Invocation, parseArguments } from "../../client/cli/arguments.ts";
import { COMMANDS } from "../../client/cli/commands.ts";
import { UsageError } from "../../client/cli/errors.ts";
import { OPTIONS } from "../../client/cli/options.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { FakeStore, run } from "../support/cli-fake-store.ts";

const AT = ["127.0.0.1", "3000"] as const;

/** Words that a parser could take for its own. */
const tricky = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(COMMANDS), ...Object.keys(OPTIONS), "--", "-", "-h", "-1") },
  { weight: 1, arbitrary: fc.constantFrom("--password", "--password=x", "--from=x", "--fro", "--prefix", "--json=1") },
  { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 20 }) },
);
const key = tricky;
const value = fc.oneof(tricky, fc.constant("")).filter((text) => text !== "--from");

const step = fc.oneof(
  fc.record({ words: fc.tuple(fc.constant("get"), key) }),
  fc.record({ words: fc.tuple(fc.constant("put"), key, value) }),
  fc.record({ words: fc.tuple(fc.constant("delete"), key) }),
  fc.record({ words: fc.tuple(fc.constant("list")) }),
);

function commands(args: readonly string[], env: NodeJS.ProcessEnv = {}): Extract<Invocation, { kind: "commands" }> {
  const invocation = parseArguments(args, env);
  if (invocation.kind !== "commands") throw new Error(`taken as ${invocation.kind}`);
  return invocation;
}

test("every key and value is taken as it is, whatever it looks like (seed 1601)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const store = new FakeStore();
      const { exit } = await run(commands([...AT, ...steps.flatMap((it) => it.words)]), store);
      expect(exit).toBe(0);
      expect(store.calls.map((call) => call.slice(1))).toEqual(steps.map((it) => it.words));
    }),
    { seed: 1601, numRuns: 300 },
  );
});

test("options may stand before HOST, behind PORT and between commands (seed 1602)", async () => {
  await fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), ([first, second, third]) => {
      const args = [
        ...(first ? ["--user", "alice", "--json"] : []),
        ...AT,
        ...(second ? ["--timeout=2.5", "--room", "bob"] : []),
        ...["get", "a"],
        ...(third ? ["--strict"] : []),
        ...["put", "b", "--strict"],
      ];
      const { options, steps, url } = commands(args);
      expect(url).toBe("http://127.0.0.1:3000");
      expect(options).toEqual({
        json: first,
        raw: false,
        quiet: false,
        strict: third,
        secure: false,
        ...(first && { user: "alice" }),
        ...(second && { deadlineMs: 2500, room: "bob" }),
      });
      expect(steps.map((it) => it.name)).toEqual(["get", "put"]);
    }),
    { seed: 1602 },
  );
});

test("--room and --prefix behind a command belong to it alone", () => {
  const { options, steps } = commands([
    ...AT,
    "get",
    "a",
    "--room",
    "bob",
    "list",
    "--prefix=u:",
    "--room=eve",
    "get",
    "b",
  ]);
  expect(options.room).toBeUndefined();
  expect(steps.map(({ name, room, prefix }) => [name, room, prefix])).toEqual([
    ["get", "bob", undefined],
    ["list", "eve", "u:"],
    ["get", undefined, undefined],
  ]);
});

test("--room '*' may stand for all commands where only watch works on a room", () => {
  expect(commands(["--room", "*", ...AT, "whoami", "get", "a", "--room", "bob", "watch"]).options.room).toBe("*");
});

test("put KEY --from FILE reads a file; only that exact word does", () => {
  const { steps } = commands([...AT, "put", "a", "--from", "get", "put", "b", "--from=x", "put", "--from", "c"]);
  expect(steps.map((it) => [it.subject["key"], it.from])).toEqual([
    ["a", "get"],
    ["b", undefined],
    ["--from", undefined],
  ]);
});

test.each([
  ["::1", "http://[::1]:3000"],
  ["[::1]", "http://[::1]:3000"],
  ["localhost", "http://localhost:3000"],
  ["LOCALHOST", "http://localhost:3000"],
])("HOST %s is reached at %s", (host, url) => {
  expect(commands([host, "3000", "whoami"]).url).toBe(url);
});

test("--tls and --ca connect with https, also at a usual port", () => {
  expect(commands(["--tls", "example.org", "443", "whoami"]).url).toBe("https://example.org:443");
  expect(commands(["--ca", "ca.pem", "example.org", "3000", "whoami"]).url).toBe("https://example.org:3000");
});

test("without commands it is the menu, and --help and --version go before all else", () => {
  expect(parseArguments([], {})).toMatchObject({ kind: "menu" });
  expect(parseArguments([...AT], {})).toMatchObject({ kind: "menu", server: { host: "127.0.0.1", port: 3000 } });
  expect(parseArguments([...AT, "--lines"], {})).toMatchObject({ kind: "lines", url: "http://127.0.0.1:3000" });
  expect(parseArguments(["--user", "a", "--help"], {})).toEqual({ kind: "help" });
  expect(parseArguments(["-h"], {})).toEqual({ kind: "help" });
  expect(parseArguments([...AT, "get", "a", "--help"], {})).toEqual({ kind: "help", topic: "get" });
  expect(parseArguments(["--version"], {})).toEqual({ kind: "version" });
});

test("the user comes from the option, else from the environment", () => {
  expect(commands([...AT, "whoami"], { KEYROOM_USER: "env" }).options.user).toBe("env");
  expect(commands(["--user", "opt", ...AT, "whoami"], { KEYROOM_USER: "env" }).options.user).toBe("opt");
  expect(commands([...AT, "whoami"], { KEYROOM_USER: "" }).options.user).toBeUndefined();
});

test.each<[string, readonly string[], RegExp]>([
  ["an unknown command", [...AT, "gte", "a"], /no command "gte"\. Did you mean get\?/],
  ["one that is like none", [...AT, "frobnicate"], /There are: get, put, delete/],
  ["a command of Object's", [...AT, "constructor"], /no command "constructor"/],
  ["a missing key", [...AT, "get"], /too early: get KEY/],
  ["a missing value", [...AT, "put", "a"], /too early: put KEY VALUE/],
  ["a missing file", [...AT, "put", "a", "--from"], /too early: put KEY --from FILE/],
  ["an error behind good commands", [...AT, "put", "a", "b", "get"], /too early/],
  ["an unknown option", ["--jsno", ...AT, "whoami"], /no option --jsno\. Did you mean --json\?/],
  ["an unknown option between commands", [...AT, "get", "a", "--jso"], /no option --jso/],
  ["an option without its value", [...AT, "get", "a", "--room"], /--room needs USER behind it/],
  ["a flag with a value", ["--json=1", ...AT, "whoami"], /--json takes no value/],
  ["a password", ["--password", "secret", ...AT, "whoami"], /--password is refused: arguments are seen/],
  ["an attached password", ["--password=secret", ...AT, "whoami"], /KEYROOM_PASSWORD/],
  ["a passphrase", [...AT, "upgrade", "--passphrase", "secret"], /KEYROOM_PASSPHRASE/],
  ["no port", ["localhost"], /PORT is missing/],
  ["port 0", ["localhost", "0", "whoami"], /from 1 to 65535, not "0"/],
  ["port 65536", ["localhost", "65536", "whoami"], /from 1 to 65535/],
  ["a port in hex", ["localhost", "0x50", "whoami"], /from 1 to 65535/],
  ["a URL as host", ["http://localhost", "3000", "whoami"], /HOST is a name or an address/],
  ["a host with a user", ["a@b", "3000", "whoami"], /HOST is a name or an address/],
  ["a room behind a command without", [...AT, "whoami", "--room", "bob"], /whoami works on no room/],
  ["a prefix behind get", [...AT, "get", "a", "--prefix", "b"], /no option --prefix here: it stands behind some/],
  ["a misspelt option of a command", [...AT, "list", "--prefx", "b"], /no option --prefx\. Did you mean --prefix\?/],
  ["logout in the middle", [...AT, "logout", "whoami"], /put it last/],
  ["watch in the middle", [...AT, "watch", "get", "a"], /put it last\.$/],
  [
    "a room behind watch without its option",
    [...AT, "watch", "bob"],
    /put it last\. For the room of bob: --room bob\.$/,
  ],
  ["two rooms behind one command", [...AT, "watch", "--room", "bob", "--room=eve"], /watch takes one --room,/],
  ["live in the middle", [...AT, "live", "--room", "bob", "get", "a"], /live goes on until you leave it: put it last/],
  ["two prefixes behind one command", [...AT, "list", "--prefix=a", "--prefix=b"], /list takes one --prefix,/],
  ["all rooms behind get", [...AT, "get", "a", "--room", "*"], /'\*' is for watch, live, export and import: get needs/],
  ["all rooms for another command than watch", ["--room", "*", ...AT, "whoami", "list"], /and import: list needs/],
  ["stdin twice", [...AT, "put", "a", "--from", "-", "put", "b", "--from", "-"], /read once/],
  ["stdin twice, once unsaid", [...AT, "import", "--room", "bob", "put", "b", "--from", "-"], /read once/],
  ["a command where a file may be", [...AT, "export", "list"], /takes list for a file: write \.\/list, or - before/],
  ["a timeout of none", ["--timeout", "0", ...AT, "whoami"], /--timeout takes seconds/],
  ["a timeout in words", ["--timeout", "soon", ...AT, "whoami"], /not "soon"/],
  ["a password file for nobody", ["--password-file", "f", ...AT, "whoami"], /needs a user/],
  ["--raw and --json", ["--raw", "--json", ...AT, "get", "a"], /--json and --raw do not go together/],
  ["--raw without a get", ["--raw", ...AT, "put", "a", "1"], /--raw is for get\./],
  ["an empty command for the shell", [...AT, "watch", "--exec", " "], /--exec needs a command/],
  ["commands for the line mode", [...AT, "--lines", "get", "a"], /--lines reads its commands/],
  ["--json for the line mode", [...AT, "--lines", "--json"], /--json does not go with --lines/],
  ["the line mode without a server", ["--lines"], /--lines needs a server/],
  ["--json for the menu", ["--json", ...AT], /--json needs a command/],
])("%s is a usage error", (_what, args, message) => {
  const parse = () => parseArguments(args, {});
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
  expect(parse).not.toThrow(/secret/);
});

test.each<[string, readonly string[], string]>([
  ["an empty key", [...AT, "get", ""], "invalid"],
  ["a long key", [...AT, "get", "k".repeat(513)], "too_large"],
  ["a user with a space", ["--user", "a b", ...AT, "whoami"], "invalid"],
  ["a reserved user", ["--user", "system", ...AT, "whoami"], "invalid"],
  ["a room with a control character", [...AT, "list", "--room", "a\u0007"], "invalid"],
  ["an operation that is none", [...AT, "status", "7"], "invalid"],
])("%s is refused before anything runs", (_what, args, code) => {
  expect(() => parseArguments(args, {})).toThrow(KeyroomError);
  expect(() => parseArguments(args, {})).toThrow(expect.objectContaining({ code }));
});
