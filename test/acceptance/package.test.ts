import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Consumer, installPackage, run } from "./consumer.ts";
import { bundleSdk, SDK_LIMIT_KB } from "./sdk-bundle.ts";

let consumer: Consumer;
let running: ChildProcess | undefined;

beforeAll(async () => {
  consumer = await installPackage();
}, 180_000);

afterAll(async () => {
  running?.kill("SIGKILL");
  // Not there when the installation failed.
  await consumer?.remove();
});

test("holds what a user needs, and nothing that runs only here", () => {
  expect(consumer.files).toEqual(
    expect.arrayContaining([
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "protocol/SPEC.md",
      "docs/asyncapi.json",
      "docs/keyroom.1",
    ]),
  );
  const unwanted = /^(?:test|server|client)\/|\.map$|(?<!\.d)\.ts$/;
  expect(consumer.files.filter((file) => unwanted.test(file))).toEqual([]);
});

describe("its commands", () => {
  test("keyroom-server serves, keyroom puts and gets, and SIGTERM ends the server with 0", async () => {
    const server = spawn(consumer.bin("keyroom-server"), ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    running = server;
    const port = await listeningPort(server);
    const words = "put city Kolkata put country India get country get city get Institute".split(" ");
    const env = { ...process.env, HOME: consumer.folder, XDG_CONFIG_HOME: consumer.folder };
    expect(await run(consumer.bin("keyroom"), ["127.0.0.1", port, ...words], { env })).toBe("India\nKolkata\n\n");
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});

describe("its modules", () => {
  test("`keyroom` talks to `keyroom/server`, from a strict TypeScript program", async () => {
    await writeFile(join(consumer.folder, "consumer.ts"), PROGRAM);
    await writeFile(join(consumer.folder, "tsconfig.json"), JSON.stringify(STRICT));
    const tsc = resolve("node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, "--project", "."], { cwd: consumer.folder });
    expect(await run(process.execPath, ["consumer.js"], { cwd: consumer.folder })).toBe("Kolkata 1 guest conflict\n");
  });

  test("nothing else can be imported", async () => {
    const sneak = ["--input-type=module", "--eval", 'await import("keyroom/dist/server/config.js")'];
    await expect(run(process.execPath, sneak, { cwd: consumer.folder })).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
  });
});

describe("its manifest", () => {
  test("publint has nothing to say", async () => {
    // It would rather have conditions than the field `browser`, by which no source runs unless it is built.
    const args = ["run", consumer.tarball, "--strict", "--level", "warning"];
    expect(await run(resolve("node_modules/.bin/publint"), args)).toContain("All good!");
  });

  test("attw finds its types in every way an ESM program resolves them", async () => {
    // It ends with an error when it finds a problem.
    const report = await run(resolve("node_modules/.bin/attw"), [consumer.tarball, "--profile", "esm-only"]);
    expect(report).toContain("keyroom/server");
  });
});

test(`the SDK bundles for browsers within ${SDK_LIMIT_KB} kB gzip`, async () => {
  const { gzipKb } = await bundleSdk("keyroom", consumer.folder);
  process.stdout.write(`The SDK for browsers: ${gzipKb.toFixed(1)} kB gzip.\n`);
  expect(gzipKb).toBeLessThanOrEqual(SDK_LIMIT_KB);
});

test("what a bundle for browsers may not contain is noticed", async () => {
  await expect(bundleSdk("node:fs", consumer.folder)).rejects.toThrow('Could not resolve "node:fs"');
});

/** Everything a strict user may have switched on, library checks included. */
const STRICT = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "NodeNext",
    target: "ES2023",
    types: [],
  },
  files: ["consumer.ts"],
};

const PROGRAM = `
import { connect, type Entry, KeyroomError, type Store } from "keyroom";
import { startServer } from "keyroom/server";

const server = await startServer({ port: 0 });
const store: Store = await connect(server.url, { user: "ada", password: "lovelace" });
await store.put("city", "Kolkata");
const entry: Entry | null = await store.get("city");
const refused = await store.put("city", "Delhi", { ifRevision: 0 }).catch((error: unknown) => error);
const code = refused instanceof KeyroomError ? refused.code : "none";
console.log(entry?.value, entry?.version, store.session.role, code);
store.close();
await server.close();

// @ts-expect-error: an address is text. Without types it would pass.
export const misuse = () => connect(3000);
`;

async function listeningPort(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error("The server's output is not piped.");
  for await (const line of createInterface({ input: server.stdout })) {
    const port = /^Keyroom listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error("The server ended before it listened.");
}
