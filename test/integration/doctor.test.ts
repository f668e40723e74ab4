import { createServer as createTcp, type Server } from "node:net";
import { expect, jest, test } from "@jest/globals";
import type { Check } from "../../client/doctor/check.ts";
import { type Examination, examine } from "../../client/doctor/examine.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { Home } from "../support/cli-process.ts";
import { httpProxy, type Manners } from "../support/http-proxy.ts";
import { greeting, scriptedServer, silentServer } from "../support/mute-server.ts";
import { starter } from "../support/start.ts";
import { LOCALHOST_TLS } from "../support/tls.ts";

// Some start a process, and a loaded machine takes its time.
jest.setTimeout(60_000);

const open = starter();

type Changes = Partial<Omit<Examination, "patient">> & { readonly ca?: string; readonly deadlineMs?: number };

/** What the doctor finds at the URL. */
async function examined(url: string, { ca, deadlineMs = 10_000, ...others }: Changes = {}): Promise<readonly Check[]> {
  const { protocol, hostname: host, port } = new URL(url);
  const patient = { url, host, port: Number(port), secure: protocol === "https:", ca, deadlineMs };
  const checks: Check[] = [];
  for await (const check of examine({ patient, identity: {}, env: {}, version: "9.9.9", ...others }))
    checks.push(check);
  return checks;
}

function states(checks: readonly Check[]): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
}

/** The last word, where nothing further can be tried. */
function last(checks: readonly Check[]): Check | undefined {
  return checks.at(-1);
}

async function behind(manners: Manners, target?: string): Promise<string> {
  const proxy = await httpProxy(target ?? (await open.serve()).url, manners);
  open.closing(() => proxy.close());
  return proxy.url;
}

function healthy(request: { readonly url?: string | undefined }, response: { end(text: string): unknown }): boolean {
  if (request.url !== "/healthz") return false;
  response.end('{"status":"ok"}');
  return true;
}

const with404: Manners["answer"] = (_, response) => {
  response.writeHead(404).end("not here");
  return true;
};

async function tcp(onSocket: Parameters<typeof createTcp>[1]): Promise<string> {
  const server: Server = createTcp((socket) => {
    socket.on("error", () => undefined);
    open.closing(() => socket.destroy());
    onSocket?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.closing(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const WELL = {
  name: "ok",
  port: "ok",
  server: "ok",
  websocket: "ok",
  polling: "ok",
  clock: "ok",
  versions: "ok",
  limits: "ok",
  "round trip": "ok",
};

test("a server that is well: each thing is looked at, and seen", async () => {
  const { url } = await open.serve();
  const checks = await examined(url);
  expect(states(checks)).toEqual(WELL);
  const says = (name: string) => checks.find((check) => check.name === name)?.says;
  expect(says("versions")).toBe(
    `Both speak protocol ${PROTOCOL_VERSION} (keyroom 9.9.9, Node ${process.versions.node}).`,
  );
  expect(says("limits")).toContain("a key 512 bytes, a room 10,000 keys and 64 MiB. Keys are kept in memory");
});

test("with TLS: its own certificate, one that is not trusted, and TLS where it is not expected", async () => {
  const { url } = await open.serve({ tls: LOCALHOST_TLS });
  const trusted = await examined(url, { ca: LOCALHOST_TLS.cert });
  expect(states(trusted)).toEqual({ ...WELL, tls: "ok" });
  expect(trusted[2]?.says).toMatch(/^The certificate is trusted, and good for \d{5} days more \(TLSv1\.3\)\.$/);
  expect(last(await examined(url))).toMatchObject({
    name: "tls",
    state: "problem",
    says: expect.stringContaining("is not trusted here (depth zero self signed cert)"),
    advice: expect.stringContaining("--ca FILE"),
    unreachable: true,
  });
  expect(last(await examined(url.replace("https:", "http:")))).toMatchObject({
    name: "server",
    says: "It speaks TLS there.",
    advice: "Add --tls.",
    unreachable: true,
  });
  const plain = (await open.serve()).url.replace("http:", "https:");
  expect(last(await examined(plain))).toMatchObject({
    name: "tls",
    says: expect.stringMatching(/^What answers at port \d+ does not speak TLS\.$/),
    unreachable: true,
  });
});

test("a name that nobody knows, and a port at which nobody listens, with a proxy that could be the only way", async () => {
  const nobody = await examined("http://nowhere.invalid:3000");
  expect(nobody).toMatchObject([{ name: "name", state: "problem", unreachable: true }]);
  const server = await open.serve();
  await server.close();
  expect(await examined(server.url, { env: { http_proxy: "http://user:secret@proxy:3128" } })).toMatchObject([
    { name: "name", state: "ok" },
    {
      name: "port",
      state: "problem",
      says: expect.stringContaining("the connection is refused"),
      advice: expect.stringContaining("proxy of http_proxy: Keyroom cannot use one"),
      unreachable: true,
    },
  ]);
});

test("what takes the connection and says nothing is given up in time, with TLS and without", async () => {
  const mute = await silentServer();
  open.closing(() => mute.close());
  expect(last(await examined(mute.url, { deadlineMs: 300 }))).toMatchObject({
    name: "server",
    says: "It takes the connection and does not answer within 0.3 s.",
    unreachable: true,
  });
  expect(last(await examined(mute.url.replace("http:", "https:"), { deadlineMs: 300 }))).toMatchObject({
    name: "tls",
    says: "127.0.0.1 takes the connection and does not begin TLS within 0.3 s.",
    unreachable: true,
  });
});

test("what is no Keyroom server: another protocol, a web server, a Socket.IO server of somebody else", async () => {
  const ssh = await tcp((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
  expect(last(await examined(ssh))).toMatchObject({
    name: "server",
    says: expect.stringContaining("no Keyroom server"),
    advice: "Check the port.",
  });
  const web = await behind({
    refuseUpgrades: 404,
    headers: { Server: "nginx/1.2" },
    answer: with404,
  });
  const checks = await examined(web);
  expect(states(checks)).toMatchObject({ server: "problem", websocket: "problem", polling: "problem" });
  expect(checks[2]?.says).toBe("What answers is no Keyroom server (HTTP 404, by nginx/1.2).");
  const other = await scriptedServer(() => undefined);
  open.closing(() => other.close());
  const others = await examined(await behind({ answer: healthy }, other.url), { deadlineMs: 1_000 });
  expect(states(others)).toMatchObject({ server: "ok", websocket: "problem", polling: "problem" });
});

test("a server that is about to stop", async () => {
  const closing = await behind({
    answer: (request, response) =>
      request.url === "/healthz" && Boolean(response.writeHead(503).end('{"status":"closing"}')),
  });
  const checks = await examined(closing);
  expect(checks[2]).toMatchObject({ name: "server", state: "problem", says: "It is about to stop." });
});

test("a proxy that lets no WebSocket pass, and one that lets nothing else pass", async () => {
  const noWebSocket = await examined(await behind({ refuseUpgrades: 400, headers: { Via: "1.1 squid" } }));
  expect(states(noWebSocket)).toEqual({ ...WELL, websocket: "warning", proxy: "ok" });
  expect(noWebSocket.find(({ name }) => name === "websocket")).toMatchObject({
    says: "It does not connect (HTTP 400).",
    advice: expect.stringContaining("let it pass upgrades to WebSocket"),
  });
  expect(noWebSocket.find(({ name }) => name === "proxy")?.says).toBe("A proxy stands in between (1.1 squid).");
  const noPolling = await examined(
    await behind({ answer: (_, response) => Boolean(response.writeHead(403).end("no")) }),
  );
  expect(states(noPolling)).toEqual({ ...omit(WELL, "server"), server: "warning", polling: "warning" });
  expect(noPolling.find(({ name }) => name === "polling")?.says).toBe("It does not connect (HTTP 403).");
});

function omit(from: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(from).filter(([it]) => it !== name));
}

test.each([
  [90_000, "90 s behind"],
  [-3_600_000, "60 min ahead of"],
])("a clock that is %i ms off", async (ms, words) => {
  const url = await behind({ headers: { Date: new Date(Date.now() + ms).toUTCString() } });
  const checks = await examined(url);
  expect(states(checks)).toEqual({ ...WELL, clock: "warning" });
  expect(checks.find(({ name }) => name === "clock")?.says).toBe(`This machine's clock is ${words} the server's.`);
});

test.each([
  [PROTOCOL_VERSION - 1, "Update the server"],
  [PROTOCOL_VERSION + 1, "Update this client"],
])("a server that speaks protocol %i", async (protocol, advice) => {
  const get = (socket: {
    on(name: string, listener: (payload: unknown, ack: (answer: object) => void) => void): unknown;
  }) => void socket.on("get", (_, ack) => ack({ ok: true, value: null }));
  const { url, close } = await scriptedServer(greeting(get, { protocol }));
  open.closing(close);
  const checks = await examined(await behind({ answer: healthy }, url));
  expect(states(checks)).toMatchObject({ versions: "warning" });
  expect(checks.find(({ name }) => name === "versions")?.advice).toContain(advice);
});

test("a server that takes no guests, a user who is not let in, and a kept token that is worth nothing", async () => {
  const { url } = await open.serve({ anonymous: false });
  const guest = await examined(url);
  expect(states(guest)).toMatchObject({ websocket: "ok", polling: "ok", "sign-in": "warning" });
  expect(last(guest)?.advice).toBe("Sign in: add --user NAME.");
  await open.store(url, { user: "ann", password: "right" });
  const wrong = await examined(url, { identity: { user: "ann", password: "wrong" } });
  expect(last(wrong)).toMatchObject({ name: "sign-in", state: "problem" });
  const { url: forAll } = await open.serve();
  const identity = { token: "worthless" };
  expect(states(await examined(forAll, { identity }))).toEqual(WELL);
  const byPollingOnly = await behind({ refuseUpgrades: 400 }, forAll);
  expect(states(await examined(byPollingOnly, { identity }))).toEqual({ ...WELL, websocket: "warning" });
});

test("it ends with 0, 1 or 6, in lines or as one object", async () => {
  const home = await Home.make();
  open.closing(() => home.remove());
  const at = (url: string) => [new URL(url).hostname, new URL(url).port];
  const server = await open.serve();
  const well = await home.run(["doctor", ...at(server.url)]);
  expect(well).toMatchObject({ exit: 0, err: "", out: expect.stringMatching(/^ok {7}name {8}127\.0\.0\.1 is/) });
  expect(well.out).toMatch(/\nok {7}round trip {2}A request takes .*\n\nAll is well\.\n$/);
  const halfWell = await behind({ refuseUpgrades: 400 });
  const lenient = await home.run(["--quiet", "doctor", ...at(halfWell)]);
  expect(lenient).toMatchObject({ exit: 0, out: expect.stringMatching(/^warning {2}websocket {3}.*\n {21}Do: .*\n$/) });
  const strict = await home.run(["doctor", ...at(halfWell), "--strict", "--json"]);
  expect({ exit: strict.exit, ...JSON.parse(strict.out) }).toMatchObject({ exit: 1, command: "doctor", well: false });
  await server.close();
  expect(await home.run(["doctor", ...at(server.url)])).toMatchObject({
    exit: 6,
    out: expect.stringMatching(/\nproblem {2}port .*\n {21}Do: Start the server.*\n\n1 problem\.\n$/),
  });
});
