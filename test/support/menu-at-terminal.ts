/** What people do with the menu in a real terminal. */
import { PASSPHRASE, PASSWORD, type ProgramOptions, placeOf, type Terminals } from "./terminals.ts";
import type { TmuxScreen } from "./tmux.ts";

/** The menu of a user whose password is in the environment, at its first choice. */
export async function openMenu(
  { open }: Terminals,
  user: string,
  url: string,
  { env = {}, ...options }: ProgramOptions = {},
): Promise<TmuxScreen> {
  const environment = { KEYROOM_PASSWORD: PASSWORD, ...env };
  const screen = await open(user, ["--user", user, ...placeOf(url)], { rows: 40, ...options, env: environment });
  await screen.shows("What next?");
  return screen;
}

/** Types a choice's key as soon as there is one to make, and takes it once it is marked; up to the first it shows. */
export async function choose(screen: TmuxScreen, key: string, shown: string): Promise<string> {
  await screen.shows("? What next?\n");
  await screen.type(key);
  await screen.shows(`? What next? ${key}\n`);
  await screen.press("Enter");
  return screen.shows(shown);
}

/** Types into a question with suggestions, and takes the first of them once it is what is `suggested`. */
export async function pick(screen: TmuxScreen, typed: string, suggested = typed): Promise<void> {
  await screen.type(typed);
  await screen.fits((picture) => picture.includes(` ${typed}\n`) && picture.includes(`\n❯ ${suggested}`), suggested);
  await screen.press("Enter");
}

/** Begins to set a key, up to the question for its value. */
export async function beginPut(screen: TmuxScreen, key: string): Promise<void> {
  await choose(screen, "p", "? Put ");
  await pick(screen, key);
  await screen.shows("? Value");
}

export async function upgrade(screen: TmuxScreen): Promise<void> {
  await choose(screen, "u", "? Manager passphrase");
  await screen.type(PASSPHRASE);
  await screen.press("Enter");
  await screen.shows(" · manager");
}

/** Turns the watches of others' rooms on. */
export async function watch(screen: TmuxScreen, ...users: readonly string[]): Promise<void> {
  await choose(screen, "w", "? Watch whose room");
  for (const user of users) {
    await pick(screen, `${user}'s room`, `[ ] ${user}'s room`);
    await screen.shows(`Watching ${user}'s room: `);
    await screen.shows("? Watch whose room\n");
  }
  await screen.press("Escape");
  await screen.shows("? What next?\n");
}

/** What a screen tells of watched rooms, without the times. */
export function notices(picture: string): string[] {
  return [...picture.matchAll(/^\d\d:\d\d:\d\d (.*)$/gm)].map(([, text]) => text ?? "");
}

/** Changes told by notices, a burst counted by what it says. */
export function changesTold(picture: string): number {
  const changes = notices(picture).filter((line) => !line.startsWith("Watching"));
  return changes.reduce((sum, line) => sum + Number(/^(\d+) changes\b/.exec(line)?.[1] ?? 1), 0);
}
