import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { CommanderError } from "commander";
import { makeCommand, readOptions } from "../../server/arguments.ts";
import { ConfigError, completeConfig, type ServerOptions } from "../../server/config.ts";

const folder = mkdtempSync(join(tmpdir(), "keyroom-arguments-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const cert = file("cert.pem", "the certificate");
const key = file("key.pem", "the key");
const passphrase = file("passphrase", "  open sesame\n");
const blank = file("blank", " \n");

const set = new Set<string>();
afterEach(() => {
  for (const name of set) delete process.env[name];
  set.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What commander would print, and has thrown, instead of options. */
function parse(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ServerOptions {
  for (const [name, value] of Object.entries(environment)) {
    set.add(name);
    process.env[name] = value;
  }
  const command = makeCommand("1.2.3").configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.parse(args, { from: "user" });
  return readOptions(command, process.env);
}

function failureOf(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Error {
  try {
    parse(args, environment);
  } catch (error) {
    if (error instanceof CommanderError || error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

const DEFAULTS = {
  host: "127.0.0.1",
  port: 3000,
  accounts: "password",
  anonymous: true,
  upgrade: "passphrase",
  insecure: false,
  origins: [],
  trustProxy: false,
  doors: {},
};

test("without flags everything has its default", () => {
  expect(parse([])).toEqual(DEFAULTS);
});

describe.each<[string, string, string, Partial<ServerOptions>]>([
  ["--host", "KEYROOM_HOST", "::1", { host: "::1" }],
  ["--port", "KEYROOM_PORT", "0", { port: 0 }],
  ["--port", "KEYROOM_PORT", "65535", { port: 65_535 }],
  ["--accounts", "KEYROOM_ACCOUNTS", "name", { accounts: "name" }],
  ["--accounts-file", "KEYROOM_ACCOUNTS_FILE", "a.json", { accountsFile: "a.json" }],
  ["--anonymous", "KEYROOM_ANONYMOUS", "off", { anonymous: false }],
  ["--anonymous", "KEYROOM_ANONYMOUS", "on", { anonymous: true }],
  ["--upgrade", "KEYROOM_UPGRADE", "open", { upgrade: "open" }],
  ["--upgrade", "KEYROOM_UPGRADE", "off", { upgrade: "off" }],
  ["--manager-passphrase-file", "KEYROOM_MANAGER_PASSPHRASE_FILE", passphrase, { managerPassphrase: "open sesame" }],
  ["--origin", "KEYROOM_ORIGIN", "https://app.example", { origins: ["https://app.example"] }],
  [
    "--origin",
    "KEYROOM_ORIGIN",
    "https://app.example, http://localhost:5173",
    { origins: ["https://app.example", "http://localhost:5173"] },
  ],
  ["--tcp-text-port", "KEYROOM_TCP_TEXT_PORT", "0", { doors: { "tcp-text": 0 } }],
  ["--ws-text-port", "KEYROOM_WS_TEXT_PORT", "1", { doors: { "ws-text": 1 } }],
  ["--ws-json-port", "KEYROOM_WS_JSON_PORT", "2", { doors: { "ws-json": 2 } }],
  ["--files-port", "KEYROOM_FILES_PORT", "3", { doors: { files: 3 } }],
  ["--files-dir", "KEYROOM_FILES_DIR", "uploads", { filesDir: "uploads" }],
])("%s and %s (%s)", (flag, variable, value, expected) => {
  test("say the same", () => {
    expect(parse([flag, value])).toEqual({ ...DEFAULTS, ...expected });
    expect(parse([], { [variable]: value })).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe.each([
  ["--insecure", "KEYROOM_INSECURE", "insecure"],
  ["--trust-proxy", "KEYROOM_TRUST_PROXY", "trustProxy"],
] as const)("%s and %s", (flag, variable, name) => {
  test.each(["on", "true", "yes", "1"])("say the same (%s)", (text) => {
    expect(parse([flag])).toEqual({ ...DEFAULTS, [name]: true });
    expect(parse([], { [variable]: text })).toEqual({ ...DEFAULTS, [name]: true });
  });

  test.each(["off", "false", "no", "0", ""])("%j in the environment is a no, which the flag overrides", (text) => {
    expect(parse([], { [variable]: text })).toEqual(DEFAULTS);
    expect(parse([flag], { [variable]: text })).toEqual({ ...DEFAULTS, [name]: true });
  });

  test("anything else in the environment is asked about", () => {
    const error = failureOf([], { [variable]: "perhaps\u001b" });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe(`${variable} is "perhaps\\u001b". Say on or off.`);
  });
});

test("certificate and key are read, from flags and from the environment", () => {
  const tls = { cert: "the certificate", key: "the key" };
  expect(parse(["--tls-cert", cert, "--tls-key", key])).toEqual({ ...DEFAULTS, tls });
  expect(parse([], { KEYROOM_TLS_CERT: cert, KEYROOM_TLS_KEY: key })).toEqual({ ...DEFAULTS, tls });
});

test("an empty variable counts as not set, for every flag", () => {
  const flags = makeCommand("1.2.3").options.flatMap(({ envVar }) => envVar ?? []);
  expect(flags).toHaveLength(18);
  const names = [...flags, "KEYROOM_MANAGER_PASSPHRASE"];
  expect(parse([], Object.fromEntries(names.map((name) => [name, ""])))).toEqual(DEFAULTS);
});

describe("the older doors", () => {
  const usual = { "tcp-text": 1601, "ws-text": 1603, "ws-json": 8008, files: 9000 };

  test("a flag without a port opens the door where it usually is", () => {
    expect(parse(["--tcp-text-port"]).doors).toEqual({ "tcp-text": 1601 });
    expect(parse(["--ws-text-port", "--ws-json-port", "--files-port"]).doors).toEqual({
      ...usual,
      "tcp-text": undefined,
    });
  });

  test("all open at once, those with a port of their own there", () => {
    expect(parse(["--dialects"]).doors).toEqual(usual);
    expect(parse(["--files-port", "0"], { KEYROOM_DIALECTS: "on" }).doors).toEqual({ ...usual, files: 0 });
    expect(parse([], { KEYROOM_DIALECTS: "off" }).doors).toEqual({});
  });

  test("have no TLS, so that a host that is not loopback has them only when it is said aloud", () => {
    const options = { host: "192.168.1.5", doors: { "tcp-text": 0 } };
    const sentence =
      "192.168.1.5 can be reached from other machines, and the older doors know neither TLS nor passwords. " +
      "Leave them out, or say --insecure if the network is yours alone.";
    expect(() => completeConfig({ ...options, ...TLS })).toThrow(new ConfigError(sentence));
    expect(completeConfig({ ...options, ...TLS, insecure: true }).doors).toEqual({ "tcp-text": 0 });
    expect(completeConfig({ ...options, ...TLS, doors: {} }).doors).toEqual({});
  });
});

test("a flag goes before the environment", () => {
  expect(parse(["--port", "1"], { KEYROOM_PORT: "2" }).port).toBe(1);
  expect(parse(["--origin", "http://a"], { KEYROOM_ORIGIN: "http://b" }).origins).toEqual(["http://a"]);
});

test("origins may be given one by one", () => {
  expect(parse(["--origin", "http://a", "--origin", "http://b:1"]).origins).toEqual(["http://a", "http://b:1"]);
});

test("the passphrase may come from the environment; a file goes before it", () => {
  const environment = { KEYROOM_MANAGER_PASSPHRASE: "from the environment" };
  expect(parse([], environment).managerPassphrase).toBe("from the environment");
  expect(parse(["--manager-passphrase-file", passphrase], environment).managerPassphrase).toBe("open sesame");
});

test.each<[string, string[], Record<string, string>, RegExp]>([
  ["a blank passphrase file", ["--manager-passphrase-file", blank], {}, /^The manager passphrase is empty\. Give one/],
  ["a missing file", ["--manager-passphrase-file", `${blank}-not`], {}, /^Cannot read .*blank-not: .*ENOENT/],
  ["a certificate without a key", ["--tls-cert", cert], {}, /^--tls-cert and --tls-key go together\. Give both\.$/],
  ["a key without a certificate", ["--tls-key", key], {}, /^--tls-cert and --tls-key go together\. Give both\.$/],
  ["a missing certificate", ["--tls-cert", `${cert}-not`, "--tls-key", key], {}, /^Cannot read .*cert\.pem-not: /],
])("%s is refused with a sentence", (_what, args, environment, message) => {
  const error = failureOf(args, environment);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toMatch(message);
});

test.each<[string[], Record<string, string>, string]>([
  [["--prot", "1"], {}, "(Did you mean --port?)"],
  [["--port", "http"], {}, "A port is a number from 0 to 65535."],
  [["--port", "65536"], {}, "A port is a number from 0 to 65535."],
  [["--port", "-1"], {}, "A port is a number from 0 to 65535."],
  [["--port", "1e3"], {}, "A port is a number from 0 to 65535."],
  [["--port", ""], {}, "A port is a number from 0 to 65535."],
  [[], { KEYROOM_PORT: "http" }, "from env 'KEYROOM_PORT' is invalid. A port is a number"],
  [["--files-port", "65536"], {}, "A port is a number from 0 to 65535."],
  [["--accounts", "none"], {}, "Allowed choices are password, name."],
  [["--anonymous", "maybe"], {}, "Allowed choices are on, off."],
  [["--upgrade", "yes"], {}, "Allowed choices are passphrase, open, off."],
  [["--origin", "app.example"], {}, "An origin is like https://app.example"],
  [["--origin", "https://app.example/"], {}, "An origin is like https://app.example"],
  [["--origin", "http://a http://b/c"], {}, "An origin is like https://app.example"],
  [["--origin", "*"], {}, "An origin is like https://app.example"],
  [["--host"], {}, "argument missing"],
  [["serve"], {}, "too many arguments"],
])("%j %j is refused by name", (args, environment, words) => {
  const error = failureOf(args, environment);
  expect(error).toBeInstanceOf(CommanderError);
  expect(error.message).toContain(words);
});

test("help and version are no errors", () => {
  expect(failureOf(["--version"])).toMatchObject({ exitCode: 0, message: "1.2.3" });
  expect(failureOf(["--help"])).toMatchObject({ exitCode: 0 });
});

const TLS = { tls: { cert: "", key: "" } };
const PUBLIC = ["0.0.0.0", "::", "", "192.168.1.5", "example.org", "127.0.0.1.example.org", "1127.0.0.1"];
const LOOPBACK = ["127.0.0.1", "127.8.9.10", "localhost", "::1"];

describe("where a server may listen", () => {
  test.each(LOOPBACK)("%s: in clear, and open to all", (host) => {
    expect(completeConfig({ host, upgrade: "open" })).toMatchObject({ host, upgrade: "open", insecure: false });
  });

  test.each(PUBLIC)("%j: only with TLS, or when it is said aloud", (host) => {
    expect(() => completeConfig({ host })).toThrow(
      `${host} can be reached from other machines, and passwords would travel in clear. ` +
        "Give --tls-cert and --tls-key, or say --insecure if the network is yours alone.",
    );
    expect(completeConfig({ host, ...TLS }).host).toBe(host);
    expect(completeConfig({ host, insecure: true }).host).toBe(host);
  });

  test.each(PUBLIC)("%j: an open upgrade only where names are all there is", (host) => {
    for (const options of [TLS, { insecure: true }]) {
      expect(() => completeConfig({ host, upgrade: "open", ...options })).toThrow(
        `With --upgrade open whoever reaches ${host} could read every room. ` +
          "Use a passphrase, or --accounts name for teaching.",
      );
      expect(completeConfig({ host, upgrade: "open", accounts: "name", ...options }).upgrade).toBe("open");
      expect(completeConfig({ host, upgrade: "off", ...options }).upgrade).toBe("off");
    }
    expect(() => completeConfig({ host, upgrade: "open", accounts: "name" })).toThrow(ConfigError);
  });
});

test.each(LOOPBACK)("behind a proxy, %s is where everybody comes in", (host) => {
  expect(() => completeConfig({ host, upgrade: "open", trustProxy: true })).toThrow(
    "With --upgrade open whoever reaches the proxy could read every room. " +
      "Use a passphrase, or --accounts name for teaching.",
  );
  expect(completeConfig({ host, upgrade: "open", accounts: "name", trustProxy: true }).upgrade).toBe("open");
  expect(completeConfig({ host, trustProxy: true }).trustProxy).toBe(true);
});

test("in code, what is undefined has its default", () => {
  const names = ["accountsFile", "filesDir", "managerPassphrase", "tls", ...Object.keys(completeConfig({}))];
  const options: unknown = Object.fromEntries(names.map((name) => [name, undefined]));
  expect(completeConfig(options as ServerOptions)).toEqual(completeConfig({}));
  const limits: unknown = { roomKeys: undefined };
  expect(completeConfig({ limits } as ServerOptions).limits).toEqual({});
});

test.each<[object, string]>([
  [{ port: "3000" }, "port is 3000. It is a whole number from 0 to 65535."],
  [{ port: 65_536 }, "port is 65536. It is a whole number from 0 to 65535."],
  [{ port: -1 }, "port is -1. It is a whole number from 0 to 65535."],
  [{ doors: { files: 65_536 } }, "doors.files is 65536. It is a whole number from 0 to 65535."],
  [{ graceMs: Number.NaN }, "graceMs is NaN. It is a whole number from 0 to 2147483647."],
  [{ graceMs: Number.POSITIVE_INFINITY }, "graceMs is Infinity. It is a whole number from 0 to 2147483647."],
  [{ graceMs: 0.5 }, "graceMs is 0.5. It is a whole number from 0 to 2147483647."],
  [{ limits: { roomKeys: 0 } }, "limits.roomKeys is 0. It is a whole number from 1 to 9007199254740991."],
  [{ limits: { roomKeys: null } }, "limits.roomKeys is null. It is a whole number from 1 to 9007199254740991."],
])("in code, %j is refused with a sentence", (options, sentence) => {
  expect(() => completeConfig(options as ServerOptions)).toThrow(new ConfigError(sentence));
});

test("in code, numbers may be as small and as large as they are said to be", () => {
  const all: ServerOptions[] = [
    { port: 0, graceMs: 0 },
    { port: 65_535, graceMs: 2 ** 31 - 1 },
    { limits: { roomKeys: 1 } },
  ];
  for (const options of all) {
    expect(completeConfig(options)).toMatchObject(options);
  }
});

test("in code, everything has the same default as on the command line, and a log that says nothing", () => {
  const { log, graceMs, limits, ...rest } = completeConfig({});
  expect(rest).toEqual(DEFAULTS);
  expect([graceMs, limits]).toEqual([60_000, {}]);
  for (const level of ["info", "error"] as const) expect(log[level]({}, "")).toBeUndefined();
});
