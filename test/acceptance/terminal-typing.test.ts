/** What happens around somebody who is typing in the menu: changes by the hundred, other sizes, a dead server. */
import { expect } from "@jest/globals";
import { beginPut, changesTold, choose, notices, openMenu, upgrade, watch } from "../support/menu-at-terminal.ts";
import { placeOf, terminals, testInTmux } from "../support/terminals.ts";

const at = terminals();

/** Without blanks and line breaks: the terminal breaks long lines itself, and does not tell of blanks at their ends. */
function dense(text: string): string {
  return text.replace(/\s/g, "");
}

testInTmux("a sentence typed while 100 pushes arrive is whole, and so is the screen", async () => {
  const { url } = await at.serve();
  const gil = await at.join(url, "gil");
  const hal = await openMenu(at, "hal", url);
  await upgrade(hal);
  await watch(hal, "gil");
  await beginPut(hal, "note");
  await hal.type("!");
  await hal.press("Left");
  const words = ["Nothing", "of", "this", "is", "lost", "or", "torn", "or", "typed", "twice"];
  for (const [i, word] of words.entries()) {
    await hal.type(i === 0 ? word : ` ${word}`);
    await Promise.all(Array.from({ length: 10 }, (_, j) => gil.put(`key ${j}`, `${i}`)));
  }
  const sentence = `? Value ${words.join(" ")}`;
  const picture = await hal.fits((it) => changesTold(it) === 100 && it.endsWith(`${sentence}!`), "100 changes");
  expect(picture.match(/Nothing/g)).toHaveLength(1);
  expect(await hal.cursor()).toEqual({ column: sentence.length, isShown: true });
  await hal.press("Enter");
  await hal.shows(`✔ Value ${words.join(" ")}!\n  Created note, revision 1.`);
});

testInTmux(
  "however the window is made, a value, the menu and the live view fill it and leave nothing behind",
  async () => {
    const { url } = await at.serve();
    const ida = await at.join(url, "ida");
    await ida.put("city", "Lisbon");
    const screen = await openMenu(at, "ida", url, { rows: 30 });
    const before = await screen.picture();
    await screen.resize(44, 30);
    await screen.fits((it) => it.includes("g  get            read a key\n") && !it.includes("keys   "), "one column");
    await screen.resize(80, 30);
    await screen.fits((it) => it.includes("keys     ❯ g  get"), "groups");
    const menuOf = (picture: string): string => picture.slice(picture.indexOf("ida · guest")).replace(/ · \d+ ms/, "");
    expect(menuOf(await screen.picture())).toBe(menuOf(before));
    const whole = await screen.picture({ history: true });
    expect(whole.match(/Signed in as ida/g)).toHaveLength(1);
    expect((await screen.picture()).match(/What next\?/g)).toHaveLength(1);

    await beginPut(screen, "note");
    const value = "A value that is longer than the narrow window, typed before and behind the change of its width";
    const begun = value.slice(0, 59);
    await screen.type(begun);
    await screen.shows(`? Value ${begun}`);
    for (const columns of [30, 100, 50]) {
      await screen.resize(columns, 30);
      await screen.fits((it) => dense(it).endsWith(dense(`? Value ${begun}`)), `${columns} columns`);
      expect((await screen.picture()).match(/\? Value/g)).toHaveLength(1);
    }
    await screen.type(value.slice(begun.length));
    await screen.fits((it) => dense(it).endsWith(dense(`? Value ${value}`)), "the whole value");
    await screen.resize(80, 30);
    await screen.press("Enter");
    await screen.shows("  Created note, revision 2.");
    expect((await ida.get("note"))?.value).toBe(value);

    await choose(screen, "v", "● ");
    await screen.press("t");
    await screen.shows("Lisbon");
    await screen.resize(40, 12);
    const small = await screen.fits((it) => it.includes("Lisbon") && it.split("\n").length === 12, "a small view");
    expect(small.match(/Live/g)).toHaveLength(1);
    await screen.resize(80, 30);
    await screen.fits((it) => it.includes("Lisbon") && it.split("\n").length === 30, "30 rows");
    await screen.press("q");
    await screen.fits((it) => it.includes("What next?") && !it.includes("Live · "), "the menu again");
  },
);

testInTmux(
  "a server is killed while a value is typed: the write waits, is committed, and the watch goes on",
  async () => {
    const { server, url } = await at.serveApart();
    const kit = await at.join(url, "kit");
    await kit.put("old", "1");
    const lea = await openMenu(at, "lea", url);
    await upgrade(lea);
    await watch(lea, "kit");
    await beginPut(lea, "city");
    await lea.type("Kol");
    await lea.shows("? Value Kol");
    await server.stop("SIGKILL");
    await lea.shows("Reconnecting…\n? Value Kol");
    await lea.type("kata");
    await lea.shows("? Value Kolkata");
    await lea.press("Enter");
    await lea.shows("  Queued: put city. It is sent when the server is back.");
    const waiting = await lea.fits((it) => /○ reconnecting (now|in \d+ s) \(attempt \d+\)/.test(it), "an attempt");
    expect(waiting).toContain("watching 1 room (waiting) · 1 queued");

    await at.serveApart(placeOf(url)[1]);
    await lea.shows("* Committed: put city, revision 1.");
    const back = await lea.fits(
      (it) => it.includes("old is gone from kit's room") && !it.includes("queued\n"),
      "a gap",
    );
    expect(back).toMatch(/◐ gap, reloaded|● live/);
    expect(notices(back)).toContain("Gap in kit's room: not every change is known. What differs:");
    const kitAgain = await at.join(url, "kit");
    await kitAgain.put("new", "2");
    await lea.shows('kit put new = "2"');
  },
);
