import type { LockList, LockMode } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { Back } from "../terminal/question.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { inTurn, keysOf } from "./in-the-way.ts";
import { showLocks } from "./lock-lines.ts";
import { shown } from "./show-entry.ts";
import type { Suggestion } from "./talk.ts";
import { tell } from "./tone.ts";

/** Chosen to give up all; no key is that long. */
const ALL = "all".repeat(1000);

/** How they stand, and what to do about it, again and again until Esc. */
async function locks(context: Context): Promise<void> {
  const { talk, session, room } = context;
  for (;;) {
    session.asCommand(["locks"], room);
    const list = await talk.wait("Looking who locks what", room.keys.locks());
    showLocks(talk, list, session.store.session.user, Date.now());
    const deeds = deedsFor(list);
    const whose = room.others === null ? "Locks" : `${printable(room.others)}'s locks`;
    const found = await talk.search(whose, async (typed) =>
      deeds.filter(({ name }) => name.includes(typed.toLowerCase())),
    );
    const deed = deeds.find(({ value }) => value === found);
    try {
      await deed?.run(context, list);
    } catch (error) {
      if (!(error instanceof Back)) throw error;
    }
  }
}

interface Deed extends Suggestion {
  readonly run: (context: Context, list: LockList) => Promise<void>;
}

const TAKE: Deed = { value: "take", name: "take", description: "lock a key, or several at once", run: take };
const RELEASE: Deed = { value: "release", name: "release", description: "give up locks of yours", run: release };
const LOOK: Deed = {
  value: "look",
  name: "look again",
  description: "how they stand by now",
  run: async () => undefined,
};

function deedsFor({ holders }: LockList): readonly Deed[] {
  return holders.some(({ mine }) => mine) ? [TAKE, RELEASE, LOOK] : [TAKE, LOOK];
}

async function take(context: Context): Promise<void> {
  const { session, room } = context;
  const { keys, mode } = await askWhat(context);
  const where = room.others === null ? [] : ["--room", room.others];
  session.asCommand(["lock", ...keys, ...(mode === "shared" ? ["--shared"] : []), ...where, "--", "COMMAND"]);
  const taken = await inTurn(context, "Locking", {
    keys,
    ask: (claim) => session.locks.take(room, keys, { mode, ...claim }).then(() => true),
  });
  // What was granted while the wait was given up is given up with it.
  if (taken === null || !keys.every((key) => session.locks.holds(room.name, key))) return;
  tell(context.talk, `Locked ${keysOf(keys)}, until you release ${keys.length === 1 ? "it" : "them"} or quit.`);
}

/** All keys are taken at once, or none. */
async function askWhat(context: Context): Promise<{ readonly keys: readonly string[]; readonly mode: LockMode }> {
  const keys = new Set<string>();
  for (;;) {
    keys.add(await askKey(context, keys.size === 0 ? "Lock" : "And lock", { fresh: true }));
    const how = await context.talk.search(`Lock ${keysOf([...keys])} how`, async (typed) =>
      HOW.filter(({ name }) => name.includes(typed.toLowerCase())),
    );
    if (how === "exclusive" || how === "shared") return { keys: [...keys], mode: how };
  }
}

const HOW: readonly Suggestion[] = [
  { value: "exclusive", name: "exclusive", description: "others can neither lock nor write it" },
  { value: "shared", name: "shared", description: "others may share it and not write it" },
  { value: "another", name: "another key", description: "lock several together, all or none" },
];

async function release(context: Context, { holders }: LockList): Promise<void> {
  const { talk, session, room } = context;
  const mine = holders.filter((holder) => holder.mine).map(({ key }) => key);
  const [only] = mine;
  const chosen = mine.length === 1 && only !== undefined ? only : await askWhich(context, mine);
  const keys = chosen === ALL ? mine : [chosen];
  await talk.wait("Releasing", session.locks.release(room, keys));
  tell(talk, `Released ${keysOf(keys)}.`);
}

function askWhich({ talk }: Context, mine: readonly string[]): Promise<string> {
  const all = { value: ALL, name: "all of them", description: `${mine.length} keys` };
  const suggestions = [all, ...mine.map((key) => ({ value: key, name: shown(key) }))];
  return talk.search("Release which", async (typed) => suggestions.filter(({ name }) => name.includes(typed)));
}

export const LOCKS: Action = {
  group: "upkeep",
  name: "locks",
  key: "k",
  hint: "who locks what and who waits; take, release",
  run: locks,
};
