import type { Store } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import type { Typed } from "./editor.ts";
import { COMMANDS, commandNamed, type Expected, expectedBehind } from "./grammar.ts";
import { asWord, splitWords } from "./words.ts";

/** A server that takes longer completes nothing. */
const PATIENCE_MS = 400;
const MOST_KEYS = 50;
/** Rooms can only be asked for from a name on. */
const MOST_ROOMS = 1_000;

export interface Completion {
  /** The line with what all that fit have in common, if that is more than was typed. */
  readonly line?: Typed;
  /** All that fit, printable, where they are several and have no more in common. */
  readonly choices: readonly string[];
}

/** What Tab does at the cursor of the line. Asks the server for rooms and keys, and never fails. */
export async function complete({ text, cursor }: Typed, store: Store): Promise<Completion> {
  const { words, endsInWord } = splitWords(text.slice(0, cursor));
  const last = endsInWord ? words.at(-1) : undefined;
  const partial = last?.text ?? "";
  const behind = expectedBehind(last === undefined ? words : words.slice(0, -1), store.session.role);
  const isBare = last?.isQuoted !== true;
  const found = await Promise.all(behind.map((expected) => fitting(expected, partial, isBare, store)));
  // Where nothing is typed yet and there are names, nobody looks for a command.
  if (partial === "" && found.length > 1 && behind[0]?.slot === "command" && found[1]?.length !== 0) found.shift();
  // Neither what would move the cursor nor what would end the line can be put into it.
  const fits = [...new Set(found.flat())].filter((it) => printable(it) === it);
  const [first, ...others] = fits;
  if (first === undefined) return { choices: [] };
  const isOne = others.length === 0;
  const common = isOne ? first : others.reduce(commonStart, first);
  if (!isOne && common.length <= partial.length) return { choices: fits };
  const isCommand = behind.some(({ slot }) => slot === "command") && commandNamed(first) !== undefined;
  const word = isCommand ? common : asWord(common, (it) => isOne && commandNamed(it) !== undefined);
  const put = isOne ? `${word} ` : word.replace(/^(".*)"$/su, "$1");
  const before = text.slice(0, last?.start ?? cursor) + put;
  return { line: { text: before + text.slice(cursor), cursor: before.length }, choices: [] };
}

async function fitting(
  { slot, user }: Expected,
  partial: string,
  isBare: boolean,
  store: Store,
): Promise<readonly string[]> {
  if (slot === "command") {
    return isBare ? Object.keys(COMMANDS).filter((name) => name.startsWith(partial.toLowerCase())) : [];
  }
  if (slot === "value" || slot === "time" || slot === "revision" || store.state !== "connected") return [];
  return quickly(
    slot === "user" ? rooms(store, partial) : keys(user === undefined ? store : store.room(user), partial),
  );
}

async function keys(room: Pick<Store, "list">, prefix: string): Promise<readonly string[]> {
  const { entries } = await room.list({ prefix, limit: MOST_KEYS });
  return entries.map(({ key }) => key);
}

async function rooms(store: Store, prefix: string): Promise<readonly string[]> {
  if (store.session.role === "guest") return [];
  // A page begins behind a name, and the prefix itself may be one.
  const after = prefix.slice(0, -1);
  const page = await store.rooms({ ...(after !== "" && { after }), limit: MOST_ROOMS });
  return page.rooms.map(({ room }) => room).filter((room) => room.startsWith(prefix));
}

async function quickly(answer: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, []);
  });
  try {
    return await Promise.race([answer.catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  // Not half a character.
  return a.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
