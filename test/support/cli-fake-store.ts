/** A store of one process for the one-shot client's unit tests, and streams that remember. */
import { PassThrough } from "node:stream";
import type { Invocation } from "../../client/cli/arguments.ts";
import { runSteps } from "../../client/cli/run.ts";
import { type Streams, say } from "../../client/cli/streams.ts";
import type { Entry, HistoryOptions, KeyChange, ListOptions, Room, Store, Watch } from "../../client/sdk/index.ts";
import type { ExitCode } from "../../client/terminal/exit-codes.ts";
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
  read: unexpected,
  write: unexpected,
  transact: unexpected,
  update: unexpected,
  undo: unexpected,
  touch: unexpected,
  lock: unexpected,
  unlock: unexpected,
  locks: unexpected,
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

  get = (key: string) => this.#own.get(key);
  put = (key: string, value: string) => this.#own.put(key, value);
  delete = (key: string) => this.#own.delete(key);
  readonly read = unexpected;
  readonly write = unexpected;
  readonly transact = unexpected;
  readonly update = unexpected;
  readonly undo = unexpected;
  readonly touch = unexpected;
  readonly lock = unexpected;
  readonly unlock = unexpected;
  readonly locks = unexpected;
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
      get: async (key) => {
        this.#called(name, "get", key);
        const value = keys.get(key);
        return value === undefined ? null : entry(key, value);
      },
      put: async (key, value) => {
        this.#called(name, "put", key, value);
        keys.set(key, value);
        return { revision: 1, version: 1 };
      },
      delete: async (key) => {
        this.#called(name, "delete", key);
        const existed = keys.delete(key);
        return { revision: existed ? 1 : null, existed };
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
  readonly exit: ExitCode;
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
  { isTerminal = false, passphrase }: { readonly isTerminal?: boolean; readonly passphrase?: string } = {},
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
