/** The one-shot commands: which words each takes, what it does, and what it prints. */
import { OperationId } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { Entry, Room } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { demote, logout, promote, rooms, upgrade, whoami } from "./account-commands.ts";
import type { CommandSpec, Taken } from "./command.ts";
import { CLAIMING, inRoom, need, SILENT, taken } from "./command-parts.ts";
import { UsageError } from "./errors.ts";
import { get, history, put, remove, touch, undo } from "./key-commands.ts";
import { lock, locks } from "./lock-commands.ts";
import { describeOutcome, failureOf } from "./outcome.ts";
import { read, write } from "./several-commands.ts";
import { follow } from "./watch.ts";
import type { Words } from "./words.ts";

const list: CommandSpec = {
  usage: { "list [--prefix P]": "print the keys, one on a line" },
  inRoom: true,
  options: ["--prefix"],
  take: () =>
    taken({}, async ({ room, prefix }) => {
      const entries = await allEntries(room, prefix);
      return { lines: entries.map((entry) => entry.key), json: { entries } };
    }),
};

const watch: CommandSpec = {
  usage: {
    watch: "print changes as JSON lines; --room '*': all rooms",
    "  [--key K | --prefix P]": "only this key, or keys that begin so",
    "  [--from FILE]": "begin at the position saved there",
    "  [--save FILE]": "keep the position there",
    "  [--exec CMD]": "run CMD for each instead, which reads it as JSON",
  },
  inRoom: true,
  ofAllRooms: true,
  options: ["--key", "--prefix", "--from", "--save", "--exec"],
  last: "watch goes on until it is interrupted",
  take: () =>
    taken({}, async (context) => {
      await follow(context);
      return { ...SILENT, json: null };
    }),
};

const exports: CommandSpec = {
  ...inRoom({ "export [FILE]": "write its entries as JSON lines; --room '*': all" }, (words) => {
    const file = takeFile(words, "export");
    return taken(file === "-" ? {} : { file }, async (context) => {
      const { exportTo } = await import("./export.ts");
      const { keys, rooms: count } = await exportTo(file, context);
      const ofRooms = context.roomName === ALL_ROOMS ? ` of ${counted(count, "room")}` : "";
      context.note(`Exported ${counted(keys, "key")}${ofRooms}.`);
      return { ...SILENT, json: file === "-" ? null : { rooms: count, keys } };
    });
  }),
  ofAllRooms: true,
};

const imports: CommandSpec = {
  ...inRoom(
    { "import [FILE]": "put such lines; without FILE the standard input's" },
    (words) => {
      const file = takeFile(words, "import");
      const subject = file === "-" ? {} : { file };
      const run: Taken["run"] = async (context) => {
        const { importFrom } = await import("./import.ts");
        const keys = await importFrom(file, context);
        context.note(`Imported ${counted(keys, "key")}.`);
        return { ...SILENT, json: { keys } };
      };
      return taken(subject, run, file);
    },
    CLAIMING,
  ),
  ofAllRooms: true,
};

const live: CommandSpec = {
  usage: {
    live: "show changes on a full screen; all rooms (managers)",
    "  [--room USER]...": "only these rooms",
  },
  inRoom: true,
  ofAllRooms: true,
  manyRooms: true,
  options: [],
  last: "live goes on until you leave it",
  take: () =>
    taken({}, async ({ live, store, rooms }) => {
      const { role, room } = store.session;
      await live(store, rooms.length > 0 ? rooms : [role === "manager" ? ALL_ROOMS : room]);
      return { ...SILENT, json: null };
    }),
};

const status = inRoom({ "status OP": "print what became of a write" }, (words) => {
  const op = parse(OperationId, "status", need(words, "status OP"));
  return taken({ op }, async ({ room, strict }) => {
    const outcome = await room.outcome(op);
    const failure = strict ? failureOf(outcome) : undefined;
    return { lines: [describeOutcome(outcome)], json: outcome, ...(failure !== undefined && { failure }) };
  });
});

export const COMMANDS = {
  get,
  put,
  delete: remove,
  read,
  write,
  list,
  history,
  undo,
  touch,
  lock,
  locks,
  watch,
  live,
  export: exports,
  import: imports,
  rooms,
  whoami,
  upgrade,
  promote,
  demote,
  status,
  logout,
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** Without one, it is the standard input or output. */
function takeFile(words: Words, command: string): string {
  const word = words.peek();
  if (word === undefined || (word !== "-" && word.startsWith("-"))) return "-";
  if (!isCommand(word)) return words.take() ?? "-";
  throw new UsageError(`${command} takes ${word} for a file: write ./${word}, or - before a command.`);
}

async function allEntries(room: Room, prefix: string | undefined): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const after = entries.at(-1)?.key;
    const page = await room.list({ ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) });
    entries.push(...page.entries);
    if (!page.more) return entries;
  }
}
