import { type MenuOptions, runMenu } from "../../client/menu/menu.ts";
import { connect, type Store } from "../../client/sdk/index.ts";
import type { Credentials } from "../../client/terminal/credentials.ts";
import { KEYS, VirtualTerminal } from "./virtual-terminal.ts";

/** Sign-ins kept as long as the test. */
export class MemoryCredentials implements Pick<Credentials, "find" | "save" | "forget" | "alone"> {
  readonly tokens = new Map<string, string>();

  async find(server: string, user: string | null): Promise<string | undefined> {
    return this.tokens.get(JSON.stringify([server, user]));
  }

  async save(server: string, user: string | null, token: string): Promise<void> {
    this.tokens.set(JSON.stringify([server, user]), token);
  }

  async forget(server: string, user: string | null): Promise<void> {
    this.tokens.delete(JSON.stringify([server, user]));
  }

  /** No other process shares them. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}

export interface OpenMenu {
  readonly terminal: VirtualTerminal;
  readonly credentials: MemoryCredentials;
  readonly exit: Promise<number>;
}

type Options = Partial<MenuOptions> & {
  readonly columns?: number;
  readonly rows?: number;
  readonly credentials?: MemoryCredentials;
};

const open = new Set<OpenMenu>();

/** A menu on a screen of its own. */
export function openMenu({ columns, rows, credentials = new MemoryCredentials(), ...options }: Options): OpenMenu {
  const terminal = new VirtualTerminal(columns, rows);
  const menu = { terminal, credentials, exit: runMenu({ ...options, credentials, io: terminal }) };
  open.add(menu);
  return menu;
}

/** What the menu shows when it waits for a choice. */
const READY = "? What next?";

/** The menu of a user who has signed in before, at its first choice. The server may be reached another way. */
export async function menuOf(
  { session: { user, token } }: Store,
  url: string,
  options: Options = {},
): Promise<OpenMenu> {
  const credentials = new MemoryCredentials();
  await credentials.save(url, user, token);
  const menu = openMenu({ ...hostAndPort(url), user, credentials, ...options });
  await menu.terminal.shows(READY);
  return menu;
}

/** Makes a choice as soon as there is one to make, up to the first thing it shows. */
export async function choose(terminal: VirtualTerminal, typed: string, shown: string): Promise<string> {
  await terminal.shows(READY);
  terminal.press(typed, KEYS.enter);
  return terminal.shows(shown);
}

/** Types into a question with suggestions, and takes the first of them once it is what is `suggested`. */
export async function pick(terminal: VirtualTerminal, typed: string, suggested = typed): Promise<void> {
  if (typed !== "") terminal.press(typed);
  await terminal.fits(
    (screen) => screen.includes(` ${typed}\n❯ ${suggested}`) || (typed === "" && screen.includes(`❯ ${suggested}`)),
  );
  terminal.press(KEYS.enter);
}

/** Chooses `put`, and types all that it asks for. */
export async function put(terminal: VirtualTerminal, key: string, value: string): Promise<void> {
  await choose(terminal, "p", "? Put ");
  await pick(terminal, key);
  await terminal.shows("? Value");
  terminal.press(value, KEYS.enter);
}

/** Signs in as usual; the server then seems 3 ms away, always. */
export const connectSteadily: typeof connect = async (...args) =>
  Object.assign(await connect(...args), { ping: async () => 3 });

/** The screen with what differs from run to run made the same, in as many columns. */
export function picture(screen: string): string {
  return screen
    .replaceAll(/\b(127\.0\.0\.1[: ]|Port \(?)\d{5}\b/g, (_, before: string) => `${before}45678`)
    .replaceAll(/\d\d:\d\d:\d\d/g, "12:34:56")
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, "2026-01-02")
    .replaceAll(/in \d s \(attempt \d\)/g, "in 2 s (attempt 3)");
}

/** The picture without the round trip, which comes when it has been measured. */
export function timeless(screen: string): string {
  return picture(screen).replaceAll(/ · \d+ ms\b/g, "");
}

/** The lines of news on a screen, without their times. */
export function news(screen: string): string[] {
  return [...screen.matchAll(/^\d\d:\d\d:\d\d (.*)$/gm)].map(([, text]) => text ?? "");
}

/** Hangs up on all menus that are still open, and waits until they have gone. */
export async function closeMenus(): Promise<void> {
  for (const { terminal } of open) terminal.hangUp();
  await Promise.allSettled([...open].map(({ exit }) => exit));
  for (const { terminal } of open) terminal.close();
  open.clear();
}

/** The host and port of a server's URL. */
export function hostAndPort(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
