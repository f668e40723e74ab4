/** Values and keys of other users that would move the cursor, rename the window or turn the text around. */
import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import { choose, openMenu, upgrade, watch } from "../support/menu-at-terminal.ts";
import { PASSWORD, placeOf, terminals, testInTmux } from "../support/terminals.ts";
import type { TmuxScreen } from "../support/tmux.ts";

const at = terminals();

/** As it is sent, and what of it may be seen. */
const HOSTILE = {
  title: ["\x1b]0;owned\x07", "]0;owned"],
  clear: ["\x1b[2J\x1b[1;1Hgone", "[1;1Hgone"],
  reset: ["\x1bc\x9b31m\x1b[?1049h", "[?1049h"],
  turned: ["abc\u202e321\u202c", "321"],
  lines: ["one\r\ntwo\x08\x7f", "two"],
  wide: ["漢字 e\u0301 👩‍👩‍👧 ｆ", "漢字"],
} as const;
/** What no terminal is ever to get: the beginnings of the sequences above, and the marks that turn text around. */
const OBEYED = /\x1b\]|\x1b\[2J\x1b\[1;1Hgone|\x1bc|\x9b|\u202e|\x7f/;
const KEY = "k\x1b]0;owned\x07\u202eey";

/** Whatever happened on it: the title is the old one, the cursor is there, and nothing came that a terminal obeys. */
async function expectUnharmed(screen: TmuxScreen, record: string, title: string): Promise<void> {
  expect(await screen.state("#{pane_title}")).toBe(title);
  expect(await readFile(record, "utf8")).not.toMatch(OBEYED);
}

async function fill(url: string): Promise<void> {
  const bob = await at.join(url, "bob");
  for (const [name, [value]] of Object.entries(HOSTILE)) await bob.put(name, value);
  await bob.put(KEY, "key");
}

testInTmux("hostile values and keys are seen in the menu, its feed and the live view, and obeyed nowhere", async () => {
  const { url } = await at.serve();
  const bob = await at.join(url, "bob");
  const screen = await openMenu(at, "eve", url, { rows: 50 });
  const record = at.home.path("menu.out");
  const title = await screen.state("#{pane_title}");
  await screen.record(record);
  await upgrade(screen);
  await watch(screen, "bob");
  for (const [name, [value, seen]] of Object.entries(HOSTILE)) {
    await bob.put(name, value);
    await screen.fits((it) => it.includes(`bob put ${name} = "`) && it.includes(seen), name);
  }
  await bob.put(KEY, "key");
  const feed = await screen.shows('bob put k\\x1b]0;owned\\x07\\u{202e}ey = "key"');
  expect(feed.normalize()).toContain('bob put wide = "漢字 \u00e9 👩');
  expect(feed.match(/What next\?/g)).toHaveLength(1);

  await choose(screen, "r", "❯ bob");
  await screen.press("Enter");
  await choose(screen, "b", "? Browse bob's key\n❯ clear\n");
  await screen.type("lines");
  await screen.shows("❯ lines\n\none\\r\\ntwo\\x08\\x7f");
  await screen.press("Enter");
  await screen.shows("? What about lines");
  await screen.press("Escape");
  await screen.shows("❯ clear\n");
  await screen.type("clear");
  await screen.shows("? Browse bob's key clear\n❯ clear\n");
  await screen.press("Enter");
  expect(await screen.shows("? What about clear")).toContain("│ \\x1b[2J\\x1b[1;1Hgone");
  await screen.press("Escape");
  await screen.shows("❯ clear\n");
  await screen.press("Escape");
  await screen.shows("? What next?\n");

  await choose(screen, "v", "Live · ");
  await screen.press("t");
  const table = await screen.shows("k\\x1b]0;owned");
  // Each value begins in the same column, whatever it and its key are.
  expect(new Set(table.split("\n").flatMap((line) => columnOf(line, ["\\x1b[2J", "漢字", "abc\\u"]))).size).toBe(1);
  await screen.press("Down", "Enter");
  await screen.shows("esc back");
  await screen.press("Escape");
  await screen.shows("k\\x1b]0;owned");
  await screen.press("t");
  await bob.put("turned", "\u202eonce more");
  await screen.shows("once more");
  await screen.press("q");
  await screen.shows("? What next?\n");
  await expectUnharmed(screen, record, title);
});

/** At which column one of the texts begins; what is before it is not wide. */
function columnOf(line: string, texts: readonly string[]): readonly number[] {
  return texts.map((text) => line.indexOf(text)).filter((index) => index >= 0);
}

testInTmux("they are harmless in line mode and in the answers of one-shot commands, too", async () => {
  const { url } = await at.serve({ upgrade: "open" });
  await fill(url);
  const eve = await at.join(url, "eve");
  await eve.upgrade();
  const args = ["--user", "eve", ...placeOf(url)];
  const env = { KEYROOM_PASSWORD: PASSWORD };
  const [lines, script] = [
    await at.open("lines", [...args, "--lines"], { env }),
    // Begins at a key, so that all it writes is seen.
    await at.open(
      "script",
      [...args, "--room", "bob", ...Object.keys(HOSTILE).flatMap((key) => ["get", key]), "list"],
      {
        env,
        shell: ["sh", "-c", 'read -r _; "$@"; echo "ended with $?"; read -r _', "sh"],
      },
    ),
  ];
  const titles = [await lines.state("#{pane_title}"), await script.state("#{pane_title}")] as const;
  const records = [at.home.path("lines.out"), at.home.path("script.out")] as const;
  await lines.record(records[0]);
  await script.record(records[1]);
  await script.press("Enter");
  await lines.shows("eve@Manager__#");
  await lines.type("get bob title get bob clear get bob reset get bob turned get bob lines watch bob");
  await lines.press("Enter");
  const answers = await lines.shows("Watching bob's room: 7 keys.");
  const bob = await at.join(url, "bob");
  await bob.put(KEY, HOSTILE.title[0]);
  await lines.shows('bob put k\\x1b]0;owned\\x07\\u{202e}ey = "\\u001b]0;owned\\u0007"\neve@Manager__#');
  const printed = await script.shows("ended with 0");
  for (const picture of [answers, printed]) {
    for (const seen of ["\\x1b]0;owned\\x07", "\\x1b[2J\\x1b[1;1Hgone", "\\x1bc\\x9b31m", "abc\\u{202e}321\\u{202c}"]) {
      expect(picture).toContain(`${seen}`);
    }
  }
  expect(printed.normalize()).toContain("漢字 \u00e9 👩");
  await expectUnharmed(lines, records[0], titles[0]);
  await expectUnharmed(script, records[1], titles[1]);
});
