/** Values of several lines, in the user's own editor. */
import { execFileSync } from "node:child_process";
import { chmod, type FileHandle, open, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, menuOf, pick } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { EDITOR, VISUAL } = process.env;
let home: Home;
let server: RunningServer;
let ada: Store;
let terminal: VirtualTerminal;
/** What an open editor waits for. */
let text: FileHandle | undefined;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
  await ada.put("poem", "roses\n");
  text = undefined;
  ({ terminal } = await menuOf(ada, server.url));
});
afterEach(async () => {
  restore("EDITOR", EDITOR);
  restore("VISUAL", VISUAL);
  await text?.close().catch(() => undefined);
  await closeMenus();
  ada.close();
  await server.close();
  await home.remove();
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** An editor that runs a line of shell on the file "$1". */
async function editor(line: string): Promise<void> {
  const script = home.path("editor");
  await writeFile(script, `#!/bin/sh\n${line}\n`);
  await chmod(script, 0o700);
  process.env["EDITOR"] = script;
  delete process.env["VISUAL"];
}

async function edit(key: string, program?: string): Promise<void> {
  if (program !== undefined) restore("EDITOR", program);
  await choose(terminal, "e", "? Edit key");
  await pick(terminal, key);
}

/** Edits the poem; the editor is open, and leaves what is written to the returned file. */
async function editing(): Promise<FileHandle> {
  const gate = home.path("gate");
  execFileSync("mkfifo", [gate]);
  await editor(`cat ${gate} > "$1"`);
  await edit("poem");
  // Opens as soon as the editor reads from it.
  text = await open(gate, "w");
  return text;
}

test("the editor is given the value in a file of the user's alone, and what it leaves is saved", async () => {
  await editor(`cp "$1" ${home.path("seen")}; stat -c %a "$1" > ${home.path("mode")}; echo violets >> "$1"`);
  await edit("poem");
  await terminal.shows("  Changed poem, revision 2.");
  expect(await ada.get("poem")).toMatchObject({ value: "roses\nviolets\n" });
  expect(await readFile(home.path("seen"), "utf8")).toBe("roses\n");
  expect(await readFile(home.path("mode"), "utf8")).toBe("600\n");
});

test("a new key is created, without the line break that editors add", async () => {
  await editor(`printf 'one\\ntwo\\n' > "$1"`);
  await edit("list");
  await terminal.shows("  Created list, revision 2.");
  expect(await ada.get("list")).toMatchObject({ value: "one\ntwo" });
});

test("a value left as it was is not written", async () => {
  await editor("true");
  await edit("poem");
  await terminal.shows("  Nothing was changed.");
  expect(await ada.get("poem")).toMatchObject({ revision: 1 });
});

test("what somebody else wrote meanwhile is not overwritten, and that is said", async () => {
  const text = await editing();
  await ada.put("poem", "lilies");
  await text.write("violets");
  await text.close();
  const screen = await terminal.shows("! ");
  expect(screen).toMatch(/! .*poem/);
  expect(await ada.get("poem")).toMatchObject({ value: "lilies", revision: 2 });
  await terminal.shows("  You have written:\n  │ violets\n? Edit that again");
  await editor(`cp "$1" ${home.path("seen")}`);
  terminal.press("y", KEYS.enter);
  await terminal.shows("Changed poem, revision 3.");
  expect(await readFile(home.path("seen"), "utf8")).toBe("violets");
});

test("what was written is not lost by a conflict: it says where it is", async () => {
  const text = await editing();
  await ada.put("poem", "lilies");
  await text.write("violets, half an hour of them");
  await text.close();
  await terminal.shows("! ");
  await terminal.fits((screen) => /violets, half an hour|\/\S+/.test(screen.slice(screen.indexOf("! "))));
});

test("what was written is not lost by the session's end", async () => {
  const text = await editing();
  await ada.logout();
  await text.write("violets, half an hour of them");
  await text.close();
  await terminal.fits((screen) =>
    /\* Signed out\. .*\n {2}You have written:\n {2}│ violets, half an hour of them\n/.test(screen),
  );
});

test("an editor that is not there is told of in words, and nothing was written", async () => {
  await edit("poem", home.path("no-such-editor"));
  const sentence = /! There is no editor ".*no-such-editor". Set VISUAL or EDITOR to the one you use\./;
  await terminal.fits((screen) => sentence.test(screen.replaceAll(/\s+/g, " ")));
  expect(await ada.get("poem")).toMatchObject({ revision: 1 });
});

test("news that come while the editor has the terminal are told after it", async () => {
  const other = await menuOf(ada, server.url);
  for (const menu of [terminal, other.terminal]) await choose(menu, "w", "watching 1 room");
  const text = await editing();
  const { written } = terminal;
  await ada.put("other", "news");
  // Both menus are told of it at the same time.
  await other.terminal.shows('ada put other = "news"');
  expect(terminal.written.slice(written.length)).not.toContain("news");
  await text.write("violets");
  await text.close();
  await terminal.shows('ada put other = "news"');
  await terminal.shows("  Changed poem, revision 3.");
});

test("what was written is shown again where a lock is in the way, and the user will not wait", async () => {
  const elsewhere = await connect(server.url, { user: "ada", password: "right" });
  await elsewhere.lock(["poem"]);
  await editor('echo violets > "$1"');
  await edit("poem");
  await terminal.shows("! poem is locked: another session of yours comes first, since ");
  await terminal.shows("(y/N)");
  terminal.press(KEYS.enter);
  await terminal.shows("  Left as it was.\n  You have written:\n  │ violets\n");
  expect(await ada.get("poem")).toMatchObject({ value: "roses\n" });
  elsewhere.close();
});
