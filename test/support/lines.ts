import { runLines, type TerminalOptions } from "../../client/lines/lines.ts";
import type { Store } from "../../client/sdk/index.ts";
import { MemoryCredentials } from "./menu.ts";
import { VirtualTerminal } from "./virtual-terminal.ts";

export interface OpenLines {
  readonly terminal: VirtualTerminal;
  readonly credentials: MemoryCredentials;
  readonly exit: Promise<number>;
}

type Options = Partial<TerminalOptions> & {
  readonly url: string;
  readonly historyFile: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Signed in as its user, without a question. */
  readonly as?: Store;
};

const open = new Set<OpenLines>();

/** Line mode on a screen of its own. */
export async function openLines({ columns, rows, as, ...options }: Options): Promise<OpenLines> {
  const terminal = new VirtualTerminal(columns, rows);
  const credentials = new MemoryCredentials();
  if (as !== undefined) await credentials.save(options.url, as.session.user, as.session.token);
  const exit = runLines({
    connection: {},
    isPlain: false,
    passwordAtHand: async () => undefined,
    passphraseAtHand: async () => undefined,
    ...(as !== undefined && { user: as.session.user }),
    ...options,
    credentials,
    io: terminal,
  });
  const lines = { terminal, credentials, exit };
  open.add(lines);
  // Awaited by the test, or when all are closed.
  exit.catch(() => undefined);
  if (as !== undefined) await terminal.shows(`Signed in as ${as.session.user}`);
  return lines;
}

/** Hangs up on all that are still open, and waits until they have gone. */
export async function closeLines(): Promise<void> {
  for (const { terminal } of open) terminal.hangUp();
  await Promise.allSettled([...open].map(({ exit }) => exit));
  for (const { terminal } of open) terminal.close();
  open.clear();
}
