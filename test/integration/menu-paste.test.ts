import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import {
  choose,
  closeMenus,
  connectSteadily,
  hostAndPort,
  menuOf,
  type OpenMenu,
  openMenu,
  pick,
} from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let server: RunningServer;
let ada: Store;
beforeEach(async () => {
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await server.close();
});

/** Up to the question for the value of `city`. */
async function atValue(): Promise<VirtualTerminal> {
  const { terminal } = await menuOf(ada, server.url, { connect: connectSteadily });
  await choose(terminal, "p", "? Put key");
  await pick(terminal, "city");
  await terminal.shows("? Value");
  return terminal;
}

/** How often a question has been drawn, at most: some drawings are no change. */
function drawings({ written }: VirtualTerminal): number {
  return written.split("Value").length - 1;
}

test.each([
  ["marked", 6_000],
  ["marked", 300_000],
  ["unmarked", 6_000],
])("a %s paste of %d characters is drawn as one, and stored whole", async (how, length) => {
  const terminal = await atValue();
  const before = drawings(terminal);
  const text = "0123456789".repeat(length / 10);
  if (how === "marked") terminal.paste(text);
  else terminal.press(text);
  await terminal.shows(`(${length.toLocaleString("en")} characters)`);
  expect(drawings(terminal) - before).toBe(1);
  // All of it is not drawn.
  expect(terminal.written.length).toBeLessThan(20_000);
  terminal.press("!", KEYS.enter);
  await terminal.shows("  Created city, revision 1.");
  expect((await ada.get("city"))?.value).toBe(`${text}!`);
});

test("pasted lines become one, with a sentence on what takes several", async () => {
  await ada.put("d", "kept");
  const terminal = await atValue();
  terminal.paste("one\r\nd\nd\n\x1b[2Jy\n");
  await terminal.shows(
    "! The 4 pasted lines were joined by spaces. The choice edit sets a key to\n  several lines, in your editor.\n? Value one d d y",
  );
  terminal.press(KEYS.enter);
  await terminal.shows("  Created city, revision 2.");
  expect((await ada.get("city"))?.value).toBe("one d d y");
  expect((await ada.get("d"))?.value).toBe("kept");
});

test("a paste that no value may have is left out, and the question stays", async () => {
  const terminal = await atValue();
  terminal.paste("x".repeat(1024 * 1024 + 1));
  await terminal.shows("! The pasted text was left out: it is longer than 1 MiB");
  terminal.press("Kolkata", KEYS.enter);
  await terminal.shows("  Created city, revision 1.");
  expect((await ada.get("city"))?.value).toBe("Kolkata");
});

test("of a pasted password the first line is taken, and none is shown", async () => {
  const { terminal } = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await terminal.shows("? Password of ada");
  terminal.paste("right\nwrong\n");
  await terminal.shows("! Only the first of the pasted lines was taken.\n? Password of ada *****");
  terminal.press(KEYS.enter);
  await terminal.shows("Signed in as ada");
  expect(terminal.written).not.toContain("right");
});

test("a paste in the menu is what a choice is found by", async () => {
  const { terminal } = await menuOf(ada, server.url);
  terminal.paste("del\n");
  await terminal.shows("? What next? del\n");
  terminal.press(KEYS.enter);
  await terminal.shows("? Delete key");
});

/** A menu whose lists of keys come when the test wants them to. */
async function slowMenu(): Promise<OpenMenu & { readonly answer: () => void }> {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slowly: typeof connect = async (...args) => {
    const store = await connect(...args);
    const list = store.list.bind(store);
    return Object.assign(store, { list: (...query: Parameters<typeof list>) => answered.then(() => list(...query)) });
  };
  return { ...(await menuOf(ada, server.url, { connect: slowly })), answer };
}

test("what is typed behind an Enter is the next answer, however slow the server is", async () => {
  const { terminal, answer } = await slowMenu();
  await choose(terminal, "p", "? Put key");
  terminal.press("city");
  await terminal.shows("? Put key city");
  terminal.press(KEYS.enter);
  terminal.press("Kol");
  terminal.press("kata", KEYS.enter);
  answer();
  await terminal.shows("✔ Put key city\n✔ Value Kolkata\n  Created city, revision 1.");
  expect((await ada.list()).entries.map(({ key, value }) => [key, value])).toEqual([["city", "Kolkata"]]);
});

test("what is typed behind an Enter that takes nothing is no part of the key", async () => {
  await ada.put("city", "Kolkata");
  const { terminal, answer } = await slowMenu();
  await choose(terminal, "g", "? Get key");
  terminal.press("ci", KEYS.enter, "Lisbon");
  answer();
  await terminal.shows("? Get key ci\n❯ city\n");
  terminal.press("t");
  await terminal.shows("? Get key cit\n❯ city\n");
});

test("Esc and Ctrl-C end a question that waits for the server behind an Enter", async () => {
  const { terminal, exit } = await slowMenu();
  await choose(terminal, "p", "? Put key");
  terminal.press("city", KEYS.enter, "Kolkata", KEYS.escape);
  const screen = await terminal.fits((it) => it.includes("What next?"));
  expect(screen).not.toContain("Kolkata");
  await choose(terminal, "p", "? Put key");
  terminal.press("city", KEYS.enter, "Kolkata", KEYS.ctrlC);
  expect(await exit).toBe(130);
});

test("all that a put asks for can be typed at once, and the next choice, too", async () => {
  const { terminal } = await menuOf(ada, server.url);
  terminal.press(["p", "city", "Kolkata", "g", "city", ""].join(KEYS.enter));
  await terminal.shows("✔ Value Kolkata\n  Created city, revision 1.");
  await terminal.shows("✔ Get key city\n  │ Kolkata\n");
});
