import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as util from "node:util";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { VirtualTerminal } from "../support/virtual-terminal.ts";

// As on a terminal with colours, which the output of a test is not.
const styleText: typeof util.styleText = (style, text) => util.styleText(style, text, { validateStream: false });
jest.unstable_mockModule("node:util", () => ({ ...util, styleText }));
const { openLines, closeLines } = await import("../support/lines.ts");
const { runPiped } = await import("../../client/lines/pipe.ts");
const { runLive } = await import("../../client/live/live.ts");
const { MemoryCredentials } = await import("../support/menu.ts");

const folder = mkdtempSync(join(tmpdir(), "keyroom-"));
let server: RunningServer;
let ada: Store;
beforeAll(async () => {
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "a good one" });
});
afterAll(async () => {
  await closeLines();
  ada.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const WATCHING = "Watching your room: 0 keys.";

test("line mode has colours, and none for a screen reader", async () => {
  for (const isPlain of [false, true]) {
    const { terminal } = await openLines({ url: server.url, historyFile: join(folder, "history"), as: ada, isPlain });
    terminal.press("watch", "\r");
    await terminal.shows(WATCHING);
    terminal.press("sudo", "\r");
    await terminal.shows("! There is no command");
    if (isPlain) expect(terminal.written).not.toContain("\x1b");
    else expect(terminal.written).toMatch(/\x1b\[2m\d\d:/);
  }
});

test("the live view as lines has none", async () => {
  const terminal = new VirtualTerminal();
  const live = runLive({ store: ada, rooms: ["ada"], server: "here", io: terminal, end: null, plain: true });
  await terminal.shows(WATCHING);
  terminal.press("q\r");
  await live;
  expect(terminal.written).not.toContain("\x1b");
  terminal.close();
});

test("what is told in a pipe has none", async () => {
  const { PassThrough } = await import("node:stream");
  const input = new PassThrough();
  const told: string[] = [];
  const credentials = new MemoryCredentials();
  const atHand = { passwordAtHand: async () => "a good one", passphraseAtHand: async () => undefined };
  const print = (line: string): void => {
    told.push(line);
    input.end();
  };
  input.write("watch\n");
  await runPiped(
    { url: server.url, user: "ada", connection: {}, credentials, ...atHand },
    { input, print, say: print },
  );
  expect(told).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d Watching your room: 0 keys\.$/)]);
});
