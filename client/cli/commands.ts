/** The one-shot commands: which words each takes, what it does, and what it prints. */
import { KeyroomError } from "../../protocol/errors.ts";
import { Key, OperationId, UserName } from "../../protocol/fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { Entry, Room, Store } from "../sdk/index.ts";
import { UsageError } from "./errors.ts";
import type { Words } from "./words.ts";

/** What a command works with. */
export interface Context {
  readonly store: Store;
  /** Whose keys it means. */
  readonly room: Room;
  readonly prefix: string | undefined;
  /** Whether a missing key is an error. */
  readonly strict: boolean;
  /** The manager passphrase, as far as one is at hand. */
  passphrase(): Promise<string | undefined>;
  /** A value from a file; `-` is the standard input. */
  readValue(file: string): Promise<string>;
  /** Forgets the token that was kept for the next sign-in. */
  forgetToken(): Promise<void>;
}

export interface Result {
  /** For people and scripts: each is printed on a line of its own. */
  readonly lines: readonly string[];
  /** For `--json`, beside the command's name and subject. */
  readonly json: object;
}

type Subject = Readonly<Record<string, string>>;

/** A command with its words, ready to run. */
export interface Taken {
  /** What it is about, without secrets and values: for `--json` and for error sentences. */
  readonly subject: Subject;
  /** Where it reads its value from, if it does. */
  readonly from: string | undefined;
  run(context: Context): Promise<Result>;
}

export interface CommandSpec {
  /** Each way to write it, and what that does. */
  readonly usage: Readonly<Record<string, string>>;
  /** Whether it works on a room, so that `--room` may stand behind it. */
  readonly inRoom: boolean;
  /** Whether `--prefix P` may stand behind it. */
  readonly hasPrefix: boolean;
  /** @throws UsageError when words are missing, KeyroomError when one cannot be */
  take(words: Words): Taken;
}

const SILENT: Pick<Result, "lines"> = { lines: [] };

const get = inRoom({ "get KEY": "print its value, or an empty line" }, (words) => {
  const key = takeKey(words, "get KEY");
  return taken({ key }, async ({ room, strict }) => {
    const entry = await room.get(key);
    if (entry === null && strict) throw missing(key);
    return { lines: [entry?.value ?? ""], json: { entry } };
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
  hasPrefix: true,
  take: () =>
    taken({}, async ({ room, prefix }) => {
      const entries = await allEntries(room, prefix);
      return { lines: entries.map((entry) => entry.key), json: { entries } };
    }),
};

const status = inRoom({ "status OP": "print what became of a write" }, (words) => {
  const op = parse(OperationId, "status", need(words, "status OP"));
  return taken({ op }, async ({ room }) => {
    const outcome = await room.outcome(op);
    return { lines: [describeOutcome(outcome)], json: outcome };
  });
});

const rooms = ofAccount({ rooms: "print the rooms' names, one on a line (managers)" }, () =>
  taken({}, async ({ store }) => {
    const all = await allRooms(store);
    return { lines: all.map((it) => it.room), json: { rooms: all } };
  }),
);

const upgrade = ofAccount({ upgrade: "become a manager, by the passphrase" }, () =>
  taken({}, async ({ store, passphrase }) => ({
    ...SILENT,
    json: { role: await store.upgrade(await passphrase()) },
  })),
);

const promote = ofAccount({ "promote USER": "make a user a manager (managers)" }, (words) => {
  const user = parse(UserName, "promote", need(words, "promote USER"));
  return taken({ user }, async ({ store }) => ({ ...SILENT, json: { role: await store.promote(user) } }));
});

const demote = ofAccount({ "demote USER": "make a manager a guest (managers)" }, (words) => {
  const user = parse(UserName, "demote", need(words, "demote USER"));
  return taken({ user }, async ({ store }) => ({ ...SILENT, json: { role: await store.demote(user) } }));
});

const whoami = ofAccount({ whoami: "print the user's name and role" }, () =>
  taken({}, async ({ store: { session } }) => ({
    lines: [`${session.user} ${session.role}`],
    json: { user: session.user, role: session.role, room: session.room },
  })),
);

const logout = ofAccount({ logout: "end the session and forget its token" }, () =>
  taken({}, async ({ store, forgetToken }) => {
    await store.logout();
    await forgetToken();
    return { ...SILENT, json: {} };
  }),
);

export const COMMANDS = {
  get,
  put,
  delete: remove,
  list,
  rooms,
  whoami,
  upgrade,
  promote,
  demote,
  status,
  logout,
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

function inRoom(usage: CommandSpec["usage"], take: CommandSpec["take"]): CommandSpec {
  return { usage, inRoom: true, hasPrefix: false, take };
}

function ofAccount(usage: CommandSpec["usage"], take: CommandSpec["take"]): CommandSpec {
  return { usage, inRoom: false, hasPrefix: false, take };
}

function taken(subject: Subject, run: Taken["run"], from?: string): Taken {
  return { subject, from, run };
}

function need(words: Words, usage: string): string {
  const word = words.take();
  if (word === undefined) throw new UsageError(`The command line ends too early: ${usage}.`);
  return word;
}

function takeKey(words: Words, usage: string): string {
  return parse(Key, "KEY", need(words, usage));
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

async function allRooms(store: Store) {
  const all: Awaited<ReturnType<Store["rooms"]>>["rooms"][number][] = [];
  for (;;) {
    const after = all.at(-1)?.room;
    const page = await store.rooms(after === undefined ? {} : { after });
    all.push(...page.rooms);
    if (!page.more) return all;
  }
}

function describeOutcome(outcome: Awaited<ReturnType<Store["outcome"]>>): string {
  switch (outcome.state) {
    case "committed":
      return outcome.revision === null ? "committed" : `committed ${outcome.revision}`;
    case "refused":
      return `refused ${outcome.code}`;
    case "never":
    case "unknown":
      return outcome.state;
  }
}
