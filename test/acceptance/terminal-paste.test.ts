/** Pastes in a real terminal, which marks them when it is asked to. */
import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import { beginPut, openMenu } from "../support/menu-at-terminal.ts";
import { terminals, testInTmux } from "../support/terminals.ts";

const at = terminals();

testInTmux("a paste of many lines is one value, a long one is whole, and the shell gets pastes as ever", async () => {
  const { url } = await at.serve();
  const mia = await at.join(url, "mia");
  const screen = await openMenu(at, "mia", url);
  await beginPut(screen, "note");
  await screen.paste("one\nd\nnote\ny\n");
  await screen.shows("? Value one d note y");
  await screen.press("Enter");
  await screen.shows("  Created note, revision 1.");
  expect((await mia.get("note"))?.value).toBe("one d note y");

  const text = "0123456789".repeat(1_200);
  await beginPut(screen, "long");
  await screen.paste(text);
  await screen.shows("…01234567890123456789 (12,000 characters)");
  await screen.press("Enter");
  await screen.shows("  Created long, revision 2.");
  expect((await mia.get("long"))?.value).toBe(text);

  await screen.shows("? What next?\n");
  await screen.press("C-c");
  await screen.shows("ended with 130");
  await screen.paste("a paste\n");
  await screen.shows("\nread a paste");
});

testInTmux("the menu is killed and leaves a terminal that edits lines and marks no paste", async () => {
  const { url } = await at.serve();
  const file = at.home.path("pid");
  const run = `sh -c 'echo $$ > "${file}"; exec "$@"' sh "$@"`;
  const shell = ["sh", "-c", `${run}; echo "ended with $?"; read -r word; echo "read $word"; read -r _`, "sh"];
  const screen = await openMenu(at, "nia", url, { shell });
  process.kill(Number(await readFile(file, "utf8")), "SIGTERM");
  await screen.shows("ended with 143");
  await screen.paste("a paste\n");
  await screen.shows("read a paste");
  expect(await screen.cursor()).toMatchObject({ isShown: true });
});
