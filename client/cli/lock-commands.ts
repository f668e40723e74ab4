import type { CommandSpec } from "./command.ts";
import { inRoom, takeKeys, taken } from "./command-parts.ts";

const LOCK_USAGE = "lock KEY... -- CMD...";

export const lock: CommandSpec = {
  ...inRoom(
    {
      [LOCK_USAGE]: "run CMD while nobody else can write them",
      "  [--shared]": "nor CMD; others may lock them likewise",
      "  [--wait TIME|--no-wait]": "how long for the locks of others; else 1m",
      "  [--lease TIME]": "lose the lock then, and end CMD",
    },
    (words) => {
      const keys = takeKeys(words, LOCK_USAGE);
      return taken({ keys }, async (context) => (await import("./lock.ts")).runUnderLock(keys, context));
    },
    ["--shared", "--wait", "--no-wait", "--lease"],
  ),
  runsCommand: true,
  last: "lock takes all words behind -- for the command that it runs",
};

export const locks = inRoom({ locks: "print who locks which key, and who waits" }, () =>
  taken({}, async ({ room, note }) => {
    const list = await room.locks();
    if (list.more) note("There are more locks or waits than are listed.");
    const row = (key: string, { mode, user, since }: { mode: string; user: string; since: number }) => [
      key,
      mode,
      user,
      new Date(since).toISOString(),
    ];
    const holders = list.holders.map((holder) => row(holder.key, holder));
    // The last field tells those who wait from those who hold.
    const waiters = list.waiters.flatMap((waiter) =>
      waiter.keys.map((key) => [...row(key, waiter), `behind ${waiter.behind.join(" ")}`]),
    );
    return { lines: [...holders, ...waiters], json: list };
  }),
);
