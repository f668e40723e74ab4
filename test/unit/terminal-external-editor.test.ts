import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { editorOf, editText } from "../../client/terminal/external-editor.ts";
import { takeInterrupts } from "../../client/terminal/interrupts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "editor's folder "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The command line of an editor that does this with the file `$1`. */
async function editor(script: string): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, "editor");
  await writeFile(path, `#!/bin/sh\ncd "${folder}"\n${script}\n`);
  await chmod(path, 0o700);
  return { PATH: process.env["PATH"], EDITOR: `"${path}" --wait` };
}

test("an editor gets the text in a file of the user's own, and what it leaves is the answer", async () => {
  const env = await editor(
    `shift; ls -ld "$1" > modes; ls -ld "$(dirname "$1")" >> modes; echo "$1" > name; printf 'grün\\r\\n' >> "$1"`,
  );
  expect(await editText("first\n", env)).toBe("first\ngrün\r\n");
  expect((await readFile(join(folder, "modes"), "utf8")).match(/^\S{10}/gm)).toEqual(["-rw-------", "drwx------"]);
  const file = (await readFile(join(folder, "name"), "utf8")).trimEnd();
  expect(existsSync(dirname(file))).toBe(false);
});

test("an editor that fails, or is not there, is told of, and nothing of it stays", async () => {
  const name = `name() { shift; echo "$1" > name; }; name "$@"`;
  const failing = await editor(`${name}; exit 3`);
  await expect(editText("", failing)).rejects.toThrow("The editor ended with status 3: nothing is taken over.");
  const file = (await readFile(join(folder, "name"), "utf8")).trimEnd();
  expect(existsSync(dirname(file))).toBe(false);
  await expect(editText("", await editor("kill -9 $PPID"))).rejects.toThrow("The editor ended with a signal");
  await expect(editText("", await editor(`printf '\\377' > "$2"`))).rejects.toThrow("not UTF-8");
  const missing = { EDITOR: "no-such-editor 2> /dev/null" };
  await expect(editText("", missing)).rejects.toThrow("There is no editor");
});

test("while an editor runs, Ctrl-C is its own", async () => {
  let interrupts = 0;
  const giveBack = takeInterrupts(() => {
    interrupts++;
  });
  try {
    const signs = watch(folder);
    const edited = editText("text", await editor("touch started; while [ ! -e go ]; do sleep 0.01; done"));
    for await (const { filename } of signs) if (filename === "started") break;
    process.emit("SIGINT");
    await writeFile(join(folder, "go"), "");
    expect(await edited).toBe("text");
    expect(interrupts).toBe(0);
    process.emit("SIGINT");
    expect(interrupts).toBe(1);
  } finally {
    giveBack();
  }
});

test("the editor is $VISUAL, $EDITOR or vi, and no full screen where the terminal is dumb", () => {
  expect(editorOf({ VISUAL: "code --wait", EDITOR: "ed" })).toBe("code --wait");
  expect(editorOf({ VISUAL: "", EDITOR: "ed" })).toBe("ed");
  expect(editorOf({})).toBe("vi");
  expect(editorOf({ TERM: "dumb", VISUAL: "code --wait", EDITOR: "ed" })).toBe("ed");
  expect(() => editorOf({ TERM: "dumb", VISUAL: "vim" })).toThrow("Set EDITOR to one that works by lines.");
});
