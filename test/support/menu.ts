import { type MenuOptions, runMenu } from "../../client/menu/menu.ts";
import type { Credentials } from "../../client/terminal/credentials.ts";
import { VirtualTerminal } from "./virtual-terminal.ts";

/** Sign-ins kept as long as the test. */
export class MemoryCredentials implements Pick<Credentials, "find" | "save" | "forget"> {
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
