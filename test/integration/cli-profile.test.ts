import { readFile, stat, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { LOCALHOST_TLS } from "../support/tls.ts";

// Each test starts processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

let server: RunningServer;
let home: Home;

beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0 });
});

afterEach(async () => {
  await server.close();
  await home.remove();
});

test("a server gets a name, is used by it as its user, and loses it", async () => {
  const { hostname, port } = new URL(server.url);
  const file = home.path("keyroom", "profiles.json");
  expect(await home.run(["profile", "add", "lab", hostname, port, "--user", "ada"])).toEqual({
    exit: 0,
    out: "",
    err: `keyroom: Added to ${file}. Use it: keyroom --profile lab\n`,
  });
  const ada = { KEYROOM_PASSWORD: "right" };
  expect(await home.run(["--profile", "lab", "put", "city", "Rome", "get", "city", "whoami"], ada)).toMatchObject({
    exit: 0,
    out: "Rome\nada guest\n",
  });
  expect(await home.run(["get", "city"], { KEYROOM_PROFILE: "lab" })).toEqual({ exit: 0, out: "Rome\n", err: "" });
  expect(await home.run(["profile", "list"])).toEqual({ exit: 0, out: `lab  ${server.url}  user ada\n`, err: "" });
  expect(JSON.parse((await home.run(["profile", "list", "--json"])).out)).toEqual({
    command: "profile list",
    profiles: [{ name: "lab", host: hostname, port: Number(port), user: "ada" }],
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).not.toMatch(/right|token/);
  expect(await home.run(["profile", "remove", "lab"])).toEqual({ exit: 0, out: "", err: "" });
  expect(await home.run(["--profile", "lab"])).toMatchObject({
    exit: 2,
    err: expect.stringMatching(/There is no profile "lab"\. Make one:/),
  });
});

test("a profile's CA is trusted, from whatever folder it was added", async () => {
  const secure = await startServer({ port: 0, tls: LOCALHOST_TLS });
  try {
    const ca = home.path("ca.pem");
    await writeFile(ca, LOCALHOST_TLS.cert);
    const { hostname, port } = new URL(secure.url);
    const fromHere = relative(process.cwd(), ca);
    expect(await home.run(["profile", "add", "lab", hostname, port, "--ca", fromHere])).toMatchObject({ exit: 0 });
    expect((await home.run(["profile", "list"])).out).toBe(`lab  ${secure.url}  trusting ${ca}\n`);
    expect(await home.run(["--profile", "lab", "put", "a", "1", "get", "a"])).toMatchObject({ exit: 0, out: "1\n" });
  } finally {
    await secure.close();
  }
});

test("a CA that is no help is found out when the profile is made", async () => {
  const ca = home.path("ca.pem");
  const words = ["profile", "add", "lab", "localhost", "443", "--ca", ca];
  expect(await home.run(words)).toMatchObject({
    exit: 1,
    err: `keyroom: Cannot read the certificates to trust in ${ca}: no such file or folder.\n`,
  });
  await writeFile(ca, "-----BEGIN PRIVATE KEY-----\n");
  expect(await home.run(words)).toMatchObject({
    exit: 1,
    err: `keyroom: ${ca} holds no certificate in PEM form, and so nothing to trust. Name the issuer's file.\n`,
  });
  expect((await home.run(["profile", "list"])).out).toBe("");
});

test("where no guests are taken, a profile's user is a name, and who has none is told how to give one", async () => {
  const closed = await startServer({ port: 0, anonymous: false });
  try {
    const { hostname, port } = new URL(closed.url);
    await home.run(["profile", "add", "lab", hostname, port]);
    const wanted = "This server takes no anonymous guests. Sign in: add --user NAME, or set KEYROOM_USER.";
    const refused = { exit: 4, out: "", err: `keyroom: ${wanted} (unauthenticated)\n` };
    expect(await home.run(["--profile", "lab", "whoami"])).toEqual(refused);
    expect(await home.run(["--profile", "lab", "--lines"], {}, "whoami\n")).toEqual(refused);
    const ada = { KEYROOM_USER: "ada", KEYROOM_PASSWORD: "right" };
    expect(await home.run(["--profile", "lab", "--lines"], ada, "whoami\n")).toMatchObject({ out: "ada guest\n" });
  } finally {
    await closed.close();
  }
});
