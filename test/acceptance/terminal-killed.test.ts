/** Programs at a terminal that are ended from outside, as by `kill`. */
import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import { openMenu } from "../support/menu-at-terminal.ts";
import { terminals, testInTmux } from "../support/terminals.ts";

const at = terminals();

testInTmux("a menu that is killed gives the terminal back: the cursor, the echo and whole lines", async () => {
  const { url } = await at.serve();
  await at.join(url, "ann");
  const file = at.home.path("pid");
  const program = `sh -c 'echo $$ > "${file}"; exec "$@"' sh "$@"`;
  const shell = ["sh", "-c", `${program}; echo "ended with $?"; read -r word; echo "read $word"; read -r _`, "sh"];
  const screen = await openMenu(at, "ann", url, { shell });
  expect((await screen.cursor()).isShown).toBe(false);
  process.kill(Number(await readFile(file, "utf8")), "SIGTERM");
  await screen.shows("ended with 143");
  expect(await screen.cursor()).toEqual({ column: 0, isShown: true });
  await screen.type("back");
  await screen.press("Enter");
  await screen.shows("ended with 143\nback\nread back");
});
