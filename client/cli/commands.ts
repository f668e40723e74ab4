/** The one-shot commands: which words each takes, what it does, and what it prints. */
import { KeyroomError } from "../../protocol/errors.ts";
import { OperationId } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { Entry, Room } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { demote, logout, promote, rooms, upgrade, whoami } from "./account-commands.ts";
import type { CommandSpec, Taken } from "./command.ts";
import { inRoom, need, SILENT, takeKey, taken } from "./command-parts.ts";
import { UsageError } from "./errors.ts";
import { describeOutcome, failureOf } from "./outcome.ts";
import { follow } from "./watch.ts";
import type { Words } from "./words.ts";

const get = inRoom({ "get KEY": "print its value, or an empty line" }, (words) => {
  const key = takeKey(words, "get KEY");
  return taken({ key }, async ({ room, strict }) => {
    const entry = await room.get(key);
    if (entry === null && strict) throw missing(key);
    const value = entry?.value ?? "";
    return { lines: [value], json: { entry }, raw: value };
  });
});

const put = inRoom(
  {
    "put KEY VALUE": "set it; VALUE is taken as it is",
    "put KEY --from FILE": "set it to a file's text; - is the standard input",
  },
  (words) => {
    const key = takeKey(words, "put KEY VALUE");
    const value = need(words, "put KEY VALUE");
    const from = value === "--from" ? need(words, "put KEY --from FILE") : undefined;
    return taken(
      { key },
      async ({ room, readValue }) => ({
        ...SILENT,
        json: await room.put(key, from === undefined ? value : await readValue(from)),
      }),
      from,
    );
  },
);

const remove = inRoom({ "delete KEY": "delete it" }, (words) => {
  const key = takeKey(words, "delete KEY");
  return taken({ key }, async ({ room, strict }) => {
    const json = await room.delete(key);
    if (!json.existed && strict) throw missing(key);
    return { ...SILENT, json };
  });
});

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

const history = inRoom({ "history KEY": "print its changes: revision, time, who, value" }, (words) => {
  const key = takeKey(words, "history KEY");
  return taken({ key }, async (context) => (await import("./history.ts")).historyOf(key, context));
});

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
  ...inRoom({ "import [FILE]": "put such lines; without FILE the standard input's" }, (words) => {
    const file = takeFile(words, "import");
    const subject = file === "-" ? {} : { file };
    const run: Taken["run"] = async (context) => {
      const { importFrom } = await import("./import.ts");
      const keys = await importFrom(file, context);
      context.note(`Imported ${counted(keys, "key")}.`);
      return { ...SILENT, json: { keys } };
    };
    return taken(subject, run, file);
  }),
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
  list,
  history,
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

function missing(key: string): KeyroomError {
  return new KeyroomError("not_found", `There is no key "${key}".`);
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
