/** Terminals that are narrow, without colours, dumb, or read aloud. */
import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import { choose, openMenu, upgrade, watch } from "../support/menu-at-terminal.ts";
import { PASSWORD, placeOf, terminals, testInTmux } from "../support/terminals.ts";

const at = terminals();

const COLOUR = /\x1b\[[\d;]*[13-9][\d;]*m/;

testInTmux("NO_COLOR takes the colours and FORCE_COLOR brings them back, and no word depends on them", async () => {
  const { url } = await at.serve();
  const bob = await at.join(url, "bob");
  await bob.put("city", "Lisbon");
  const pictures: string[] = [];
  for (const [env, isColoured] of [[{ NO_COLOR: "1" }, false] as const, [{ FORCE_COLOR: "1" }, true] as const]) {
    const screen = await openMenu(at, "bob", url, { env });
    await screen.shows("● live");
    const coloured = await screen.picture({ colours: true });
    expect(COLOUR.test(coloured)).toBe(isColoured);
    await choose(screen, "v", "Live · ");
    await screen.press("t");
    await screen.shows("Lisbon");
    expect(COLOUR.test(await screen.picture({ colours: true }))).toBe(isColoured);
    await screen.press("q");
    const picture = await screen.shows("? What next?\n");
    pictures.push(picture.replace(/ · \d+ ms/, ""));
    await screen.kill();
  }
  expect(pictures[0]).toBe(pictures[1]);
});

testInTmux("forty columns are enough for the menu, a watch, a question and the live view", async () => {
  const { url } = await at.serve();
  const bob = await at.join(url, "bob");
  await bob.put("a-key-with-quite-a-long-name-in-it", "and a value that is longer than that, 漢字漢字漢字");
  const screen = await openMenu(at, "ada", url, { columns: 40, rows: 30 });
  await upgrade(screen);
  await watch(screen, "bob");
  await bob.put("a-key-with-quite-a-long-name-in-it", "漢字".repeat(30));
  const menu = await screen.shows("bob put a-key");
  // Whatever is too long ends with a sign of it: the terminal itself breaks no line.
  expect(menu).toMatch(/^\d\d:\d\d:\d\d bob put a-key-with-quit\S*…$/m);
  expect(menu).toMatch(/❯ g {2}get {12}read a key\n/);
  expect(menu.match(/What next\?/g)).toHaveLength(1);
  await choose(screen, "r", "❯ bob");
  await screen.press("Enter");
  await choose(screen, "g", "❯ a-key-with-quite");
  await screen.press("Escape");
  await choose(screen, "v", "Live · ");
  await screen.press("t");
  await screen.shows("漢字漢");
  await screen.press("q");
  await screen.shows("? What next?\n");
});

for (const env of [{ ACCESSIBLE: "1" }, { TERM: "dumb", COLORTERM: "truecolor" }]) {
  testInTmux(
    `with ${Object.keys(env)[0]} the menu is lines that follow each other, and Backspace corrects`,
    async () => {
      const { url } = await at.serve();
      const screen = await at.open("ada", [], { env, rows: 60 });
      const record = at.home.path(`${Object.keys(env)[0]}.out`);
      await screen.record(record);
      await screen.shows("Server (Enter alone: 127.0.0.1):");
      const [host, port] = placeOf(url);
      await screen.type(`${host}x`);
      await screen.shows(`: ${host}x`);
      await screen.press("BSpace", "Enter");
      for (const [question, answer] of [
        ["Port (Enter alone: 3000):", port],
        ["Name", "ada"],
        ["Password of ada (not shown while you type):", PASSWORD],
      ] as const) {
        await screen.shows(question);
        await screen.type(answer);
        await screen.press("Enter");
      }
      await screen.shows("Signed in as ada, a guest.");
      await screen.shows("What next");
      await screen.type("watch");
      await screen.press("Enter");
      await screen.shows("What next? watch\nada, guest, ");
      await screen.type("pu");
      await screen.shows("What next? pu");
      const ada = await at.join(url, "ada");
      await ada.put("note", "1");
      await screen.type("t");
      await screen.press("Enter");
      expect(await screen.shows("Put key:")).toContain("\nWhat next? put\n");
      await screen.press("C-c");
      await screen.shows("ended with 130");
      expect(await readFile(record, "utf8")).not.toMatch(/\x1b/);
    },
  );
}
