/** People at real terminals, as in the project's first promise: each has a room, and a manager reaches them all. */
import { expect } from "@jest/globals";
import { choose, notices, openMenu, pick, upgrade, watch } from "../support/menu-at-terminal.ts";
import { FaultProxy } from "../support/proxy.ts";
import { placeOf, terminals, testInTmux } from "../support/terminals.ts";
import type { TmuxScreen } from "../support/tmux.ts";

const at = terminals();

/** At a terminal, with all that is asked there; the room of one who is new is empty. */
async function signIn(user: string, url: string): Promise<TmuxScreen> {
  const screen = await at.open(user, placeOf(url), { rows: 40 });
  await screen.shows("? Name");
  await screen.type(user);
  await screen.press("Enter");
  await screen.shows(`? Password of ${user}`);
  await screen.type(`${user}'s secret`);
  await screen.press("Enter");
  await screen.shows(`${user} · guest · ${new URL(url).host} · ● live`);
  expect(await screen.picture()).not.toContain("secret");
  return screen;
}

async function put(screen: TmuxScreen, whose: string, key: string, value: string, outcome: string): Promise<void> {
  await choose(screen, "p", `? Put ${whose}`);
  await pick(screen, key);
  await screen.shows("? Value");
  await screen.type(value);
  await screen.press("Enter");
  await screen.shows(`✔ Value ${value}\n  ${outcome}`);
}

testInTmux("two guests keep their keys apart; a manager reads and changes one, and its owner sees it", async () => {
  const { url } = await at.serve();
  const [ada, bob, carol] = [await signIn("ada", url), await signIn("bob", url), await signIn("carol", url)];
  await put(ada, "key", "city", "Kolkata", "Created city, revision 1.");
  await put(bob, "key", "city", "Paris", "Created city, revision 1.");
  expect(await bob.picture()).not.toContain("another user's room");
  const peek = await at.open("peek", [...placeOf(url), "--room", "ada", "get", "city"], { columns: 120 });
  const refusal = await peek.shows("ended with 4");
  expect(refusal).toContain("You are a guest: you may not read the room of ada.");
  expect(refusal).not.toContain("Kolkata");

  await upgrade(carol);
  await choose(carol, "r", "? Whose room\n❯ ada\n  bob");
  await carol.press("Enter");
  await carol.shows("carol · manager · in ada's room");
  await choose(carol, "g", "❯ city\n\nKolkata\n");
  await carol.press("Enter");
  await carol.shows("✔ Get ada's key city\n  │ Kolkata\n  revision 1, ");
  await put(carol, "ada's key", "city", "Mumbai", "Changed city, revision 2.");

  await choose(ada, "g", "❯ city");
  await ada.press("Enter");
  expect(await ada.shows(", by carol")).toContain("✔ Get key city\n  │ Mumbai\n  revision 2, ");
  expect(await carol.picture()).not.toContain("Paris");
  for (const screen of [ada, bob, carol]) await choose(screen, "q", "ended with 0");
});

testInTmux("a manager follows two users' rooms live, through a cut and a restart, and loses nothing", async () => {
  const { server, url } = await at.serveApart();
  const proxy = await FaultProxy.open(url);
  at.closing(() => proxy.close());
  const [dan, leo] = [await at.join(url, "dan"), await at.join(url, "leo")];
  const fay = await openMenu(at, "fay", proxy.url, { rows: 60 });
  await upgrade(fay);
  await watch(fay, "dan", "leo");
  await fay.shows("watching 2 rooms");
  await dan.put("city", "Lisbon");
  await fay.shows('dan put city = "Lisbon"');
  await leo.put("hill", "Sado");
  await fay.shows('leo put hill = "Sado"');

  proxy.hold("answers");
  await dan.put("city", "Porto");
  proxy.cut();
  await leo.delete("hill");
  await leo.put("hill", "Marão");
  await fay.shows("* Watching goes on: 3 changes were missed, and told now.");
  await fay.shows("● resumed, 3 replayed");
  await fay.shows('leo put hill = "Marão"');

  await server.stop("SIGKILL");
  await fay.shows("watching 2 rooms (waiting)");
  await at.serveApart(placeOf(url)[1]);
  await fay.shows("hill is gone from leo's room");
  await dan.put("city", "Faro");
  await fay.shows('dan put city = "Faro"');
  // The feed at the menu has the last of it; all of it is in the news.
  const picture = await choose(fay, "n", "Watching dan's room: 0 keys.");
  const of = (user: string) => notices(picture).filter((line) => line.includes(user));
  const gap = (user: string) => `Gap in ${user}'s room: not every change is known. What differs:`;
  expect(new Set(of("dan"))).toEqual(
    new Set([
      "Watching dan's room: 0 keys.",
      'dan put city = "Lisbon"',
      'dan put city = "Porto"',
      gap("dan"),
      "city is gone from dan's room",
      'dan put city = "Faro"',
    ]),
  );
  expect(new Set(of("leo"))).toEqual(
    new Set([
      "Watching leo's room: 0 keys.",
      'leo put hill = "Sado"',
      "leo deleted hill",
      'leo put hill = "Marão"',
      gap("leo"),
      "hill is gone from leo's room",
    ]),
  );
});

testInTmux(
  "who quits and comes back is told what was missed; the live view goes on from there, and so does the menu",
  async () => {
    const { url } = await at.serve();
    const [dan, leo] = [await at.join(url, "dan"), await at.join(url, "leo")];
    const before = await openMenu(at, "fay", url);
    await upgrade(before);
    await watch(before, "dan", "leo");
    await dan.put("city", "Lisbon");
    await before.shows('dan put city = "Lisbon"');
    await choose(before, "q", "ended with 0");
    await before.kill();
    await dan.put("city", "Porto");
    await leo.put("hill", "Sado");

    const fay = await openMenu(at, "fay", url);
    await fay.shows("watching 2 rooms");
    const menu = await fay.fits((it) => it.includes("hill") && it.includes("Porto"), "what was missed");
    expect(notices(menu).toSorted()).toEqual(['dan put city = "Porto"', 'leo put hill = "Sado"']);
    await choose(fay, "v", "Live · ");
    await leo.put("river", "Douro");
    const live = await fay.shows('river = "Douro"');
    expect(live).not.toContain("What next?");
    await fay.press("t");
    await fay.fits((it) => ["Porto", "Sado", "Douro"].every((value) => it.includes(value)), "the table");
    await fay.press("q");
    await fay.shows("? What next?\n");
    await dan.put("city", "Faro");
    await fay.shows('dan put city = "Faro"\n\n? What next?\n');
    await choose(fay, "c", "\nkeyroom --user fay 127.0.0.1 ");
    expect(await fay.picture()).toContain("live --room dan --room leo");
  },
);
