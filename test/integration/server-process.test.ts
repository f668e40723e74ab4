import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { io } from "socket.io-client";
import { type ConnectOptions, connect, type Store } from "../../client/sdk/index.ts";
import { startServer } from "../../server/server.ts";
import { ServerProcess } from "../support/server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "keyroom-process-"));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ServerProcess {
  const server = new ServerProcess(["--port", "0", ...args], environment);
  closers.push(() => server.stop());
  return server;
}

async function client(url: string, options: ConnectOptions = {}): Promise<Store> {
  const store = await connect(url, options);
  closers.push(() => store.close());
  return store;
}

/** A connection that says `text` and no more. */
async function rawConnection(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  closers.push(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (text !== "") await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

const LISTENING = "Keyroom listening on http://127\\.0\\.0\\.1:[1-9]\\d*\n";
const PASSPHRASE = "([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})";
const FORGETS_ALL = "Kept in memory only, and forgotten at a restart: accounts and keys\\.\n";

describe("what it prints", () => {
  test("where it listens, the passphrase it made, what a restart forgets; the passphrase works", async () => {
    const server = start([]);
    const printed = await server.started();
    const lines = new RegExp(
      `^${LISTENING}Manager passphrase: ${PASSPHRASE} \\(made for this run, and shown only here\\)\n${FORGETS_ALL}$`,
    );
    expect(printed).toMatch(lines);
    const store = await client(await server.url());
    expect(await store.upgrade(lines.exec(printed)?.[1] ?? "")).toBe("manager");
    const { stdout, stderr } = await server.stop("SIGTERM");
    expect(stdout).toBe(printed);
    // The log has who became what, and not how.
    expect(stderr).toContain(`${store.session.user} is a manager now, by ${store.session.user}`);
    expect(stderr).not.toContain(lines.exec(printed)?.[1]);
  });

  test.each<[string, string[], Record<string, string>]>([
    ["given in the environment", [], { KEYROOM_MANAGER_PASSPHRASE: "open sesame" }],
    ["not asked for", ["--upgrade", "off"], {}],
  ])("no passphrase where it is %s", async (_how, args, environment) => {
    expect(await start(args, environment).started()).toMatch(new RegExp(`^${LISTENING}${FORGETS_ALL}$`));
  });

  test("with an accounts file and a passphrase file: the passphrase stays secret, only keys are forgotten", async () => {
    const passphrase = join(folder, "passphrase");
    writeFileSync(passphrase, "open sesame\n");
    const accounts = join(folder, "accounts.json");
    const args = ["--accounts-file", accounts, "--manager-passphrase-file", passphrase];
    const first = start(args);
    expect(await first.started()).toMatch(
      new RegExp(`^${LISTENING}Kept in memory only, and forgotten at a restart: keys\\.\n$`),
    );
    const before = await client(await first.url(), { user: "ann", password: "correct horse" });
    await before.put("city", "Kolkata");
    await before.upgrade("open sesame");
    const { token } = before.session;
    before.close();
    expect((await first.stop("SIGTERM")).status).toBe(0);

    expect(statSync(accounts).mode & 0o777).toBe(0o600);
    const kept = readFileSync(accounts, "utf8");
    for (const secret of ["correct horse", "open sesame", token]) expect(kept).not.toContain(secret);
    const second = start(args);
    const after = await client(await second.url(), { token });
    expect(after.session).toMatchObject({ user: "ann", role: "manager" });
    expect(await after.get("city")).toBeNull();
  });

  test("its version and its help", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await new ServerProcess(["--version"]).ended()).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    const help = await new ServerProcess(["--help"]).ended();
    expect([help.status, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain("--manager-passphrase-file <file>");
    expect(help.stdout).toContain("(default: 3000, env: KEYROOM_PORT)");
  });
});

describe("what it refuses, with a sentence and no stack", () => {
  const bad = join(folder, "bad.json");
  writeFileSync(bad, "{}");
  const readable = join(folder, "note.txt");
  writeFileSync(readable, "no certificate");

  test.each<[string[], Record<string, string>, number, RegExp]>([
    [["--prot", "1"], {}, 2, /^error: unknown option '--prot'\n\(Did you mean --port\?\)\n$/],
    [["--port", "http"], {}, 2, /A port is a number from 0 to 65535\.\n$/],
    [["--tls-cert", readable], {}, 2, /^keyroom-server: --tls-cert and --tls-key go together\. Give both\.\n$/],
    [["--host", "0.0.0.0"], {}, 2, /^keyroom-server: 0\.0\.0\.0 can be reached from other machines, and passwords/],
    [["--host", "0.0.0.0"], { KEYROOM_INSECURE: "off" }, 2, /^keyroom-server: 0\.0\.0\.0 can be reached/],
    [
      ["--host", "0.0.0.0", "--upgrade", "open", "--insecure"],
      {},
      2,
      /^keyroom-server: With --upgrade open whoever reaches 0\.0\.0\.0 could read every room\./,
    ],
    [["--host", "203.0.113.1", "--insecure"], {}, 1, /^keyroom-server: 203\.0\.113\.1 is no address of this machine\./],
    [["--accounts-file", bad], {}, 1, /^keyroom-server: .*bad\.json is not an accounts file of Keyroom\./],
    [["--accounts-file", folder], {}, 1, /^keyroom-server: Cannot read the accounts file .*: EISDIR/],
    [
      ["--accounts-file", "/nonexistent/dir/acc.json"],
      {},
      1,
      /^keyroom-server: Cannot write the accounts file \/nonexistent\/dir\/acc\.json: ENOENT: no such file or directory\. Check/,
    ],
    [
      ["--tls-cert", readable, "--tls-key", readable],
      {},
      1,
      /^keyroom-server: The TLS certificate and key do not work\. Give a certificate and its own key/,
    ],
  ])("%j %j", async (args, environment, status, sentence) => {
    const ended = await start(args, environment).ended();
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect([ended.status, ended.stdout]).toEqual([status, ""]);
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    closers.push(() => other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(await new ServerProcess(["--port", String(port)]).ended()).toEqual({
      status: 1,
      stdout: "",
      stderr: `keyroom-server: Port ${port} on 127.0.0.1 is taken. Stop what uses it, or choose another with --port.\n`,
    });
  });
});

test("open to all on every address, where names are all there is and it is said aloud", async () => {
  const server = start(["--host", "0.0.0.0", "--upgrade", "open", "--accounts", "name", "--insecure"]);
  const url = await server.url();
  expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  const store = await client(url.replace("0.0.0.0", "127.0.0.1"), { user: "ann" });
  expect(await store.upgrade()).toBe("manager");
});

/** What the server states for its end. */
const CLOSE_WITHIN_MS = 5_000;

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("ends it with 0 in the stated time, with clients, a half-sent request and a silent line open", async () => {
    const server = start([]);
    const url = await server.url();
    const store = await client(url, { user: "ann", password: "secret" });
    const polling = io(url, { transports: ["polling"], reconnection: false });
    closers.push(() => polling.close());
    const bye = new Promise<unknown>((resolve) => polling.once("bye", resolve));
    await new Promise((resolve) => polling.once("session", resolve));
    await rawConnection(url, "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Le");
    await rawConnection(url, "");
    await store.put("city", "Kolkata");
    const from = performance.now();
    const { status, stderr } = await server.stop(signal);
    expect(performance.now() - from).toBeLessThan(CLOSE_WITHIN_MS);
    expect([status, stderr]).toEqual([0, ""]);
    expect(await bye).toEqual({
      code: "unavailable",
      message: "The server is closing.",
      retryable: true,
      afterMs: 1_000,
    });
    expect(store.state).toBe("reconnecting");
  });
});

/** What makes a certificate. Without it the tests of TLS say so and are skipped; in CI they fail. */
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const describeTls = hasOpenssl || process.env["CI"] === "true" ? describe : describe.skip;

describeTls(`with TLS (openssl ${hasOpenssl ? "is" : "is not"} installed)`, () => {
  const cert = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const args = ["--tls-cert", cert, "--tls-key", key];

  beforeAll(() => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", cert, "-days", "2", ...subject], {
      stdio: "ignore",
    });
  });

  test("clients that trust the certificate come in, and others are told", async () => {
    const url = await start(args).url();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const ca = readFileSync(cert, "utf8");
    for (const transport of ["websocket", "polling"] as const) {
      const store = await client(url, { ca, transports: [transport] });
      expect(await store.put("city", "Kolkata")).toEqual({ revision: 1, version: 1 });
    }
    await expect(connect(url, { retry: false })).rejects.toMatchObject({ code: "unavailable" });
  });

  test("it may listen on every address, and a line that never begins TLS does not hold its end up", async () => {
    const server = start([...args, "--host", "0.0.0.0"]);
    const url = (await server.url()).replace("0.0.0.0", "127.0.0.1");
    await client(url, { ca: readFileSync(cert, "utf8") });
    await rawConnection(url, "");
    const from = performance.now();
    expect((await server.stop("SIGTERM")).status).toBe(0);
    expect(performance.now() - from).toBeLessThan(CLOSE_WITHIN_MS);
  });
});

test("an accounts file is one server's at a time; when that was killed, the next one may have it", async () => {
  const args = ["--accounts-file", join(folder, "shared.json")];
  const first = start(args);
  await first.started();
  const second = await start(args).ended();
  expect([second.status, second.stdout]).toEqual([1, ""]);
  expect(second.stderr).toMatch(
    /^keyroom-server: Another server \(process \d+\) uses the accounts file .*shared\.json\./,
  );
  await first.stop("SIGKILL");
  await start(args).started();
});

test("a server that fails to start leaves the accounts file to others", async () => {
  const accountsFile = join(folder, "failed.json");
  const other = await startServer({ port: 0, accountsFile });
  closers.push(() => other.close());
  const port = Number(new URL(other.url).port);
  await other.close();
  const taken = createServer().listen(port, "127.0.0.1");
  closers.push(() => taken.close());
  await once(taken, "listening");
  await expect(startServer({ port, accountsFile })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await (await startServer({ port: 0, accountsFile })).close();
});

test("killed while it writes accounts, it leaves a whole file", async () => {
  const accounts = join(folder, "killed.json");
  const server = start(["--accounts-file", accounts]);
  const store = await client(await server.url(), { user: "ann", password: "secret" });
  // Each sign-in writes the file.
  void client(await server.url(), { user: "bob", password: "secret", retry: false, deadlineMs: 2_000 }).catch(() => 0);
  store.close();
  await server.stop("SIGKILL");
  expect(JSON.parse(readFileSync(accounts, "utf8"))).toMatchObject({ format: 1, accounts: [{ name: "ann" }] });
});
