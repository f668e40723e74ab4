/**
 * Which words make which command. Several stand in one line and are told apart by how many words each takes, so
 * that `put a get` stores the value `get`.
 *
 * Some take one word more, which is meant wherever the word in its place is not a command: `get bob city` is bob's
 * key, `get bob get city` are two keys of one's own. So a line that is right for a guest means the same for a manager;
 * a key or value that is called like a command is put in quotes where that matters: `get bob "list"`. Likewise, commands
 * that take any number of keys take all words up to the next command.
 */
import { quoted } from "../../protocol/text.ts";
import type { Role } from "../sdk/index.ts";
import { didYouMean } from "../terminal/suggest.ts";
import type { Word } from "./words.ts";

/** What a word stands for. */
export type Slot = "user" | "key" | "value" | "prefix" | "time" | "revision";

interface Spec {
  readonly takes: readonly Slot[];
  /** Whether any number of further keys may follow. */
  readonly takesMore?: true;
  /** The words where there is one more. */
  readonly longer?: readonly Slot[];
  /** Whether only managers have the longer form. */
  readonly longerForManagers?: boolean;
  /** What it does, for the help. */
  readonly does: string;
  readonly longerDoes?: string;
}

export const COMMANDS = {
  get: {
    takes: ["key"],
    longer: ["user", "key"],
    longerForManagers: true,
    does: "show its value",
    longerDoes: "that of another's key",
  },
  put: {
    takes: ["key", "value"],
    longer: ["user", "key", "value"],
    longerForManagers: true,
    does: "set it",
    longerDoes: "set another's key",
  },
  delete: {
    takes: ["key"],
    longer: ["user", "key"],
    longerForManagers: true,
    does: "delete it",
    longerDoes: "delete another's key",
  },
  list: { takes: [], longer: ["prefix"], does: "show the keys", longerDoes: "those that begin so" },
  touch: {
    takes: ["key", "time"],
    longer: ["user", "key", "time"],
    longerForManagers: true,
    does: "have it go after 10s, 5m, 1h..., or never",
    longerDoes: "have another's key go",
  },
  undo: {
    takes: ["revision"],
    longer: ["user", "revision"],
    longerForManagers: true,
    does: "take back what was changed then",
    longerDoes: "in another's room",
  },
  lock: { takes: ["key"], takesMore: true, does: "keep all others from writing them" },
  "lock-shared": { takes: ["key"], takesMore: true, does: "keep everybody from writing them" },
  unlock: { takes: ["key"], takesMore: true, does: "give up locks, or the wait for them" },
  locks: {
    takes: [],
    longer: ["user"],
    longerForManagers: true,
    does: "show who locks what, and who waits",
    longerDoes: "in another's room",
  },
  watch: { takes: [], longer: ["user"], does: "be told of changes", longerDoes: "in another's room; in all: *" },
  unwatch: { takes: [], longer: ["user"], does: "be told no more", longerDoes: "of that room" },
  rooms: { takes: [], does: "show all rooms (managers)" },
  whoami: { takes: [], does: "show your name and role" },
  "sudo-su-manager": { takes: [], does: "become a manager" },
  help: { takes: [], does: "show this" },
  logout: { takes: [], does: "sign in anew" },
  exit: { takes: [], does: "leave" },
  q: { takes: [], does: "leave" },
} as const satisfies Record<string, Spec>;

export type CommandName = keyof typeof COMMANDS;

/** A command with its words. */
export interface Command {
  readonly kind: "command";
  readonly name: CommandName;
  readonly words: Readonly<Partial<Record<Slot, string>>>;
  /** All keys that it names. */
  readonly keys: readonly string[];
}

/** The command as one would type it, without values. */
export function titleOf({ name, words: { user, prefix, revision }, keys }: Command): string {
  const title = [name, user, ...keys, prefix, revision].filter((word) => word !== undefined).join(" ");
  return title.length > 60 ? `${title.slice(0, 59)}…` : title;
}

/** Words that make no command, and what is wrong with them. */
export interface Mistake {
  readonly kind: "mistake";
  readonly sentence: string;
}

/** The command that an unquoted word names, in any case. */
export function commandNamed(text: string): CommandName | undefined {
  const name = text.toLowerCase();
  return isCommandName(name) ? name : undefined;
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function commandOf(word: Word | undefined): CommandName | undefined {
  return word === undefined || word.isQuoted ? undefined : commandNamed(word.text);
}

function formsOf(name: CommandName, role: Role): Pick<Spec, "takes" | "longer"> {
  const { takes, longer, longerForManagers }: Spec = COMMANDS[name];
  return longer === undefined || (longerForManagers && role === "guest") ? { takes } : { takes, longer };
}

/** The form that fits what stands behind the command. */
function formOf(name: CommandName, role: Role, behind: readonly Word[]): readonly Slot[] {
  const { takes, longer } = formsOf(name, role);
  if (takesMore(name)) return keysOf(behind, takes);
  const next = behind[takes.length];
  return longer === undefined || next === undefined || commandOf(next) !== undefined ? takes : longer;
}

function takesMore(name: CommandName): boolean {
  const spec: Spec = COMMANDS[name];
  return spec.takesMore === true;
}

/** Further keys up to the next command. */
function keysOf(behind: readonly Word[], takes: readonly Slot[]): readonly Slot[] {
  const next = behind.findIndex((word, i) => i >= takes.length && commandOf(word) !== undefined);
  const more = (next < 0 ? behind.length : next) - takes.length;
  return [...takes, ...Array.from({ length: Math.max(0, more) }, () => "key" as const)];
}

/** Takes the commands of a line one by one: what the words mean may hang on what the last command did. */
export class CommandReader {
  #words: readonly Word[];
  #last: CommandName | undefined;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  /** The next command, or what is wrong up to the next one; undefined at the end. */
  take(role: Role): Command | Mistake | undefined {
    const [word, ...behind] = this.#words;
    if (word === undefined) return undefined;
    const name = commandOf(word);
    if (name === undefined) return this.#skip(role);
    const form = formOf(name, role, behind);
    this.#words = behind.slice(form.length);
    this.#last = name;
    if (behind.length < form.length) return { kind: "mistake", sentence: tooShort(name) };
    const words = Object.fromEntries(form.map((slot, i) => [slot, behind[i]?.text]));
    const keys = form.flatMap((slot, i) => (slot === "key" ? (behind[i]?.text ?? []) : []));
    return { kind: "command", name, words, keys };
  }

  /** One sentence for all words up to the next command. */
  #skip(role: Role): Mistake {
    const [word] = this.#words;
    const next = this.#words.findIndex((it) => commandOf(it) !== undefined);
    this.#words = next < 0 ? [] : this.#words.slice(next);
    return { kind: "mistake", sentence: unknown(word?.text ?? "", this.#last, role) };
  }
}

function unknown(text: string, last: CommandName | undefined, role: Role): string {
  if (last === "sudo-su-manager")
    return "sudo-su-manager asks for the passphrase: do not type it where it can be seen.";
  const what = `There is no command ${quoted(text.length > 40 ? `${text.slice(0, 39)}…` : text)}.`;
  const near = didYouMean(text.toLowerCase(), Object.keys(COMMANDS));
  const spec: Spec | undefined = last === undefined ? undefined : COMMANDS[last];
  const isForManagers = spec?.longerForManagers === true && role === "guest";
  return (
    what +
    (near !== ""
      ? near
      : isForManagers
        ? " Only a manager reaches other users' keys."
        : " Type help to see what there is.")
  );
}

/** The command as it is typed. */
export function usageOf(name: CommandName, slots: readonly Slot[]): string {
  return [name, ...slots.map((slot) => slot.toUpperCase())].join(" ") + (takesMore(name) ? "..." : "");
}

function tooShort(name: CommandName): string {
  return `${name} needs more words: ${usageOf(name, COMMANDS[name].takes)}.`;
}

/** What may come next, and, for a key, in whose room; undefined is one's own. */
export interface Expected {
  readonly slot: Slot | "command";
  readonly user?: string;
}

/** What may follow these words. */
export function expectedBehind(words: readonly Word[], role: Role): readonly Expected[] {
  let left = words;
  for (;;) {
    const [word, ...behind] = left;
    if (word === undefined) return [{ slot: "command" }];
    const name = commandOf(word);
    if (name === undefined) {
      left = behind;
      continue;
    }
    const { takes, longer } = formsOf(name, role);
    const form = formOf(name, role, behind);
    if (takesMore(name) && behind.length === form.length && behind.length >= takes.length) {
      return [{ slot: "command" }, { slot: "key" }];
    }
    const user = behind[0]?.text;
    if (behind.length <= takes.length) {
      const short = takes[behind.length];
      const long = longer?.[behind.length];
      return [
        { slot: short ?? "command" },
        ...(long === undefined ? [] : [{ slot: long, ...(user !== undefined && { user }) }]),
      ];
    }
    left = behind.slice(form.length);
  }
}

/**
 * Whether a line may be kept: one that has a passphrase behind the command that asks for it may not, also where that
 * stands in the line before.
 */
export function mayBeKept(line: string, words: readonly Word[], before: readonly Word[]): boolean {
  if (/^\s/u.test(line)) return false;
  const all = [...before.slice(-1), ...words];
  return !all.some((word, i) => {
    const next = all[i + 1];
    return commandOf(word) === "sudo-su-manager" && next !== undefined && commandOf(next) === undefined;
  });
}
