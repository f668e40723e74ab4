/** A store of one process for the one-shot client's unit tests, and streams that remember. */
import { PassThrough } from "node:stream";
import type { Invocation } from "../../client/cli/arguments.ts";
import { readOuterLock } from "../../client/cli/outer-lock.ts";
import { runSteps } from "../../client/cli/run.ts";
import { type Streams, say } from "../../client/cli/streams.ts";
import type {
  Entry,
  HistoryOptions,
  KeyChange,
  ListOptions,
  LockList,
  Room,
  Store,
  Watch,
} from "../../client/sdk/index.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";

const OWN = "alice";
const POSITION = { epoch: "e", revision: 0, tag: 0 };

/** A watch of which nothing is ever heard. */
const SILENT: Watch = {
  state: "connecting",
  position: null,
  entries: new Map(),
  rooms: new Map(),
  close: () => undefined,
  on: () => () => undefined,
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
};

/** What no command asks for. */
const unexpected = () => Promise.reject(new Error("This call was not expected."));
const OTHERS = {
  transact: unexpected,
  update: unexpected,
  lock: unexpected,
  unlock: unexpected,
  withLock: unexpected,
  followLocks: unexpected,
};

/** Keeps keys by room and remembers each call as `[room, command, …words]`. */
export class FakeStore implements Store {
  readonly calls: (readonly string[])[] = [];
  readonly state = "connected";
  readonly retry = null;
  readonly #rooms = new Map<string, Map<string, string>>();
  readonly #own = this.room(OWN);
  readonly session: Store["session"];
  /** Thrown by the call that it is set for. */
  failure: { readonly command: string; readonly error: unknown } | undefined;
  /** What `outcome` answers. */
  fate: Awaited<ReturnType<Room["outcome"]>> = { state: "committed", revision: 7 };
  /** Entries in a page of `list`. */
  pageSize = 1000;
  /** What `locks` tells. */
  locked: LockList = { holders: [], waiters: [], more: false };
  /** What `history` tells of each key, newest first. */
  past: readonly KeyChange[] = [];

  constructor(token = "token") {
    this.session = {
      user: OWN,
      role: "guest",
      room: OWN,
      token,
      client: "c".repeat(22),
      resumed: false,
      graceMs: 0,
      durability: "memory",
      accounts: "password",
      protocol: 1,
      limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS },
    };
  }

  get = (...asked: Parameters<Room["get"]>) => this.#own.get(...asked);
  put = (...asked: Parameters<Room["put"]>) => this.#own.put(...asked);
  delete = (...asked: Parameters<Room["delete"]>) => this.#own.delete(...asked);
  read = (...asked: Parameters<Room["read"]>) => this.#own.read(...asked);
  write = (...asked: Parameters<Room["write"]>) => this.#own.write(...asked);
  undo = (...asked: Parameters<Room["undo"]>) => this.#own.undo(...asked);
  touch = (...asked: Parameters<Room["touch"]>) => this.#own.touch(...asked);
  locks = (...asked: Parameters<Room["locks"]>) => this.#own.locks(...asked);
  readonly transact = unexpected;
  readonly update = unexpected;
  readonly lock = unexpected;
  readonly unlock = unexpected;
  readonly withLock = unexpected;
  readonly followLocks = unexpected;
  list = (options?: ListOptions) => this.#own.list(options);
  history = (key: string, options?: HistoryOptions) => this.#own.history(key, options);
  outcome = (op: string) => this.#own.outcome(op);
  watch = () => this.#own.watch();

  room(name: string): Room {
    const keys = this.#rooms.get(name) ?? new Map<string, string>();
    this.#rooms.set(name, keys);
    return {
      ...OTHERS,
      get: async (key, options) => {
        this.#called(name, "get", key, ...said(options));
        const value = keys.get(key);
        return value === undefined ? null : entry(key, value);
      },
      put: async (key, value, options) => {
        this.#called(name, "put", key, value, ...said(options));
        keys.set(key, value);
        return { revision: 1, version: 1 };
      },
      delete: async (key, options) => {
        this.#called(name, "delete", key, ...said(options));
        const existed = keys.delete(key);
        return { revision: existed ? 1 : null, existed };
      },
      read: async (asked) => {
        this.#called(name, "read", ...asked);
        const found = [...keys].filter(([key]) => asked.includes(key));
        return { entries: found.map(([key, value]) => entry(key, value)), revision: 1 };
      },
      write: async ({ puts = [], deletes = [] }, options) => {
        this.#called(name, "write", JSON.stringify({ puts, deletes }), ...said(options));
        return { revision: 1 };
      },
      undo: async (revision, options) => {
        this.#called(name, "undo", String(revision), ...said(options));
        return { revision: 2 };
      },
      touch: async (key, ttlMs, options) => {
        this.#called(name, "touch", key, String(ttlMs), ...said(options));
        return { existed: keys.has(key), expiresAt: ttlMs };
      },
      locks: async () => {
        this.#called(name, "locks");
        return this.locked;
      },
      list: async ({ prefix = "", after = "" } = {}) => {
        this.#called(name, "list");
        const found = [...keys].filter(([key]) => key.startsWith(prefix) && key > after).sort();
        const entries = found.slice(0, this.pageSize).map(([key, value]) => entry(key, value));
        return { entries, more: found.length > entries.length, position: POSITION };
      },
      history: async (key, { before = 9 } = {}) => {
        this.#called(name, "history", key);
        const changes = this.past.filter(({ revision }) => revision < before);
        const page = changes.slice(0, this.pageSize);
        return { changes: page, more: changes.length > page.length, reaches: 1, position: POSITION };
      },
      outcome: async (op) => {
        this.#called(name, "outcome", op);
        return this.fate;
      },
      watch: () => {
        this.#called(name, "watch");
        return SILENT;
      },
    };
  }

  async rooms({ after = "" }: { readonly after?: string } = {}) {
    this.#called(OWN, "rooms");
    const found = [...this.#rooms].filter(([room]) => room > after).sort();
    const rooms = found.slice(0, this.pageSize).map(([room, keys]) => ({ room, keys: keys.size, online: false }));
    return { rooms, more: found.length > rooms.length };
  }

  async watchers() {
    this.#called(OWN, "watchers");
    return [];
  }

  async ping() {
    this.#called(OWN, "ping");
    return 1;
  }

  async upgrade(passphrase?: string) {
    this.#called(OWN, "upgrade", ...(passphrase === undefined ? [] : [passphrase]));
    return "manager" as const;
  }

  async promote(user: string) {
    this.#called(OWN, "promote", user);
    return "manager" as const;
  }

  async demote(user: string) {
    this.#called(OWN, "demote", user);
    return "guest" as const;
  }

  async logout() {
    this.#called(OWN, "logout");
  }

  close(): void {
    this.calls.push([OWN, "close"]);
  }

  on(): () => void {
    return () => undefined;
  }

  #called(room: string, command: string, ...words: string[]): void {
    this.calls.push([room, command, ...words]);
    if (this.failure?.command === command) throw this.failure.error;
  }
}

/** Options as they were given; nothing for none. */
function said(options: object = {}): readonly string[] {
  return Object.keys(options).length === 0 ? [] : [JSON.stringify(options)];
}

function entry(key: string, value: string): Entry {
  return { key, value, revision: 1, version: 1, updatedAt: 0, updatedBy: OWN };
}

/** Streams whose output can be read back. */
export function rememberingStreams(isTerminal = false): Streams & { readonly out: () => string; err: () => string } {
  const stream = () => {
    const through = new PassThrough({ encoding: "utf8" });
    return Object.assign(through, { isTTY: isTerminal });
  };
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  const read = (from: PassThrough) => {
    const text: unknown = from.read();
    return typeof text === "string" ? text : "";
  };
  return {
    // The one-shot client reads, writes and asks for isTTY, nothing else.
    ...({ stdin, stdout, stderr } as unknown as Streams),
    out: () => read(stdout),
    err: () => read(stderr),
  };
}

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly forgotten: boolean;
  /** The rooms that the live view was opened with. */
  readonly live: readonly string[];
}

/** Runs a parsed command line against the store. */
export async function run(
  { steps, options }: Extract<Invocation, { kind: "commands" }>,
  store: Store,
  {
    isTerminal = false,
    passphrase,
    env = {},
  }: { readonly isTerminal?: boolean; readonly passphrase?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const streams = rememberingStreams(isTerminal);
  let forgotten = false;
  const live: string[] = [];
  const exit = await runSteps(steps, store, {
    room: options.room,
    json: options.json,
    raw: options.raw,
    strict: options.strict,
    note: (sentence) => say(streams, sentence),
    progressOn: null,
    outerLock: readOuterLock(env),
    streams,
    live: async (_, rooms) => {
      live.push(...rooms);
    },
    readValue: async (file) => `text of ${file}`,
    passphrase: async () => passphrase,
    forgetToken: async () => {
      forgotten = true;
    },
  });
  return { exit, out: streams.out(), err: streams.err(), forgotten, live };
}
