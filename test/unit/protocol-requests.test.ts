import { describe, expect, test } from "@jest/globals";
import { Auth } from "../../protocol/handshake.ts";
import { INPUTS } from "../../protocol/inputs.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { parseOutput } from "../../protocol/outputs.ts";
import { parse } from "../../protocol/parse.ts";
import { parsePush } from "../../protocol/pushes.ts";
import { isRequestName, isWrite, REQUEST_NAMES, type RequestName, takesOperationId } from "../../protocol/requests.ts";
import { REQUEST_SUMMARIES } from "../../protocol/summaries.ts";
import { refusalOf } from "../support/refusal.ts";
import { PROTOTYPE_NAMES } from "../support/texts.ts";

const CLIENT = "abcdefghijABCDEFGHIJ_-";
const op = `${CLIENT}:1`;

/** For each request the least it takes, and the most. */
const EXAMPLES: Readonly<Record<RequestName, readonly [least: object, most: object]>> = {
  get: [{ key: "a" }, { key: "a", room: "bob", revision: 0 }],
  put: [
    { key: "a", value: "" },
    { key: "a", value: "v", ttlMs: 1, ephemeral: true, room: "bob", ifRevision: 0, waitMs: 60_000, op },
  ],
  read: [
    { keys: [] },
    { keys: Array.from({ length: 1024 }, (_, i) => `k${i}`), hold: true, waitMs: 0, leaseMs: 1, room: "bob" },
  ],
  delete: [{ key: "a" }, { key: "a", room: "bob", ifRevision: 7, fence: 1, op }],
  undo: [{ revision: 1 }, { revision: 1, room: "bob", fence: 1, op }],
  touch: [
    { key: "a", ttlMs: null },
    { key: "a", ttlMs: 366 * 86_400_000, room: "bob", waitMs: 1, op },
  ],
  lock: [
    { keys: ["a"], mode: "shared" },
    { keys: ["a", "b"], mode: "exclusive", waitMs: 60_000, leaseMs: 1, room: "bob", op },
  ],
  unlock: [{ keys: ["a"] }, { keys: ["a", "b"], room: "bob", op }],
  locks: [{}, { room: "bob", limit: 1, follow: true }],
  write: [
    { deletes: ["a"] },
    {
      puts: [{ key: "a", value: "" }],
      deletes: ["b"],
      hold: true,
      waitMs: 1,
      leaseMs: 1,
      if: [
        { key: "a", revision: 0 },
        { key: "a", absent: true },
        { key: "c", equals: "" },
      ],
      room: "bob",
      op,
    },
  ],
  transact: [
    { then: [{ get: "a" }] },
    {
      if: [{ key: "a", revision: 7 }],
      then: [{ get: "a" }, { put: "a", value: "", ttlMs: 1, ephemeral: false }, { get: "a" }],
      else: [{ get: "a" }, { get: "a" }],
      room: "bob",
      op,
    },
  ],
  list: [{}, { room: "bob", prefix: "", after: "", limit: 1000 }],
  history: [{ key: "a" }, { key: "a", room: "bob", before: 0, limit: 1 }],
  status: [{ op }, { op, room: "bob" }],
  upgrade: [{}, { passphrase: "" }],
  promote: [{ user: "bob" }, { user: "bob" }],
  demote: [{ user: "bob" }, { user: "bob" }],
  rooms: [{}, { after: "", limit: 1 }],
  watch: [{}, { room: "*", key: "a", prefix: "", from: { epoch: "e", revision: 0, tag: 1 }, copy: 1 }],
  unwatch: [{ watch: "" }, { watch: "w" }],
  watchers: [{}, {}],
  settle: [{ upTo: 0 }, { upTo: 9 }],
  batch: [
    { batch: 1, requests: [] },
    { batch: 2, requests: Array(1024).fill(["get", { key: "a" }]) },
  ],
  logout: [{}, {}],
};

const NAMES = [...REQUEST_NAMES];

test("a batch is a list of at most so many", () => {
  const batch = (requests: unknown) => refusalOf(() => parse<unknown>(INPUTS.batch, "batch", { batch: 1, requests }));
  expect(batch({}).message).toBe('batch needs "requests" to be a list.');
  expect(batch(Array(1025).fill(0)).message).toBe('batch needs "requests" to be of a length of at most 1024.');
});

test("a request that an operation id protects is a write that takes one", () => {
  expect(NAMES.filter((name) => !isWrite(name))).toEqual([
    "get",
    "read",
    "locks",
    "list",
    "history",
    "status",
    "rooms",
    "watch",
    "unwatch",
    "watchers",
    "settle",
  ]);
  expect(NAMES.filter(takesOperationId)).toEqual([
    "put",
    "delete",
    "write",
    "transact",
    "undo",
    "touch",
    "lock",
    "unlock",
  ]);
});

const SCHEMAS = [...NAMES.map((name) => [name, INPUTS[name]] as const), ["auth", Auth] as const];
const least = (name: string) => (name === "auth" ? {} : EXAMPLES[name as RequestName][0]);

describe.each(SCHEMAS)("%s", (name, schema) => {
  test("takes an object and nothing else", () => {
    for (const value of [undefined, null, "x", "", 5, true, [], [{}], () => ({})]) {
      expect(refusalOf(() => parse<unknown>(schema, name, value))).toMatchObject({
        code: "invalid",
        message: `${name} takes an object.`,
      });
    }
  });

  test.each(["kye", "ifrevision", "", "0", ...PROTOTYPE_NAMES])("has no field %j, and says so", (field) => {
    // Parsed, because `__proto__` in a literal is no field but the prototype.
    const value: unknown = JSON.parse(
      JSON.stringify(least(name))
        .replace(/\}$/, `,${JSON.stringify(field)}:1}`)
        .replace("{,", "{"),
    );
    const error = refusalOf(() => parse<unknown>(schema, name, value));
    expect(error.code).toBe("invalid");
    expect(error.message).toBe(`${name} has no field ${JSON.stringify(field)}. Check its spelling.`);
  });
});

describe.each(NAMES)("%s", (name) => {
  const [small, large] = EXAMPLES[name];

  test("takes its least and its most, and passes them on unchanged", () => {
    expect(parse<unknown>(INPUTS[name], name, small)).toEqual(small);
    expect(parse<unknown>(INPUTS[name], name, large)).toEqual(large);
  });

  test("names the field whose type is wrong", () => {
    for (const field of Object.keys(large)) {
      // These have tests of their own.
      if (["from", "requests", "keys", "puts", "deletes", "if", "then", "else"].includes(field)) continue;
      for (const wrong of [null, "", {}, []]) {
        // A text, or for ever.
        if (wrong === "" && typeof Object(large)[field] === "string") continue;
        if (wrong === null && field === "ttlMs") continue;
        const error = refusalOf(() => parse<unknown>(INPUTS[name], name, { ...large, [field]: wrong }));
        expect(error.code).toBe("invalid");
        expect(error.message).toMatch(
          new RegExp(`^${name} needs "${field}" to be (a text|a number|true or false|one of .+)\\.$`),
        );
      }
    }
  });

  test("names the field that is missing", () => {
    // A write may leave out one or the other.
    for (const field of Object.keys(small).filter((field) => field !== "deletes")) {
      const rest = Object.fromEntries(Object.entries(small).filter(([other]) => other !== field));
      const error = refusalOf(() => parse<unknown>(INPUTS[name], name, rest));
      expect(error.message).toBe(`${name} needs a field "${field}".`);
    }
  });

  test("is described in a sentence", () => {
    expect(REQUEST_SUMMARIES[name]).toMatch(/^[A-Z].*\.$/);
  });
});

describe("what is wrong with a list is said of its place", () => {
  const put = { key: "a", value: "" };
  const SHAPE = "A condition has a key and one of `revision`, `absent: true` and `equals`.";
  const STEP = "A step is `{get: key}`, `{put: key, value}` or `{delete: key}`.";
  const TWICE = "A key is named twice. Name each key once.";
  const long = "k".repeat(513);
  const many = Array.from({ length: 1025 }, (_, i) => `k${i}`);

  test.each<[RequestName, object, string]>([
    ["read", { keys: {} }, 'read needs "keys" to be a list.'],
    ["read", { keys: ["a", 7] }, 'read needs "keys.1" to be a text.'],
    ["read", { keys: ["a", "b", "a"] }, TWICE],
    ["read", { keys: many }, 'read needs "keys" to be of a length of at most 1024.'],
    ["write", {}, "A write puts or deletes at least one key. To look only, read."],
    [
      "write",
      { puts: [], deletes: [], if: [{ key: "a", revision: 1 }] },
      "A write puts or deletes at least one key. To look only, read.",
    ],
    ["write", { puts: [put, { key: "b" }] }, 'write needs a field "puts.1.value".'],
    ["write", { puts: [{ ...put, ifRevision: 1 }] }, 'write has no field "puts.0.ifRevision". Check its spelling.'],
    ["write", { puts: [put, put] }, TWICE],
    ["write", { puts: [put], deletes: ["a"] }, TWICE],
    ["write", { deletes: ["a", "a"] }, TWICE],
    ["write", { deletes: many }, 'write needs "deletes" to be of a length of at most 1024.'],
    [
      "write",
      { puts: many.map((key) => ({ key, value: "" })) },
      'write needs "puts" to be of a length of at most 1024.',
    ],
    [
      "write",
      { deletes: ["a"], if: many.map((key) => ({ key, revision: 1 })) },
      'write needs "if" to be of a length of at most 1024.',
    ],
    ["write", { deletes: ["a"], if: [{ revision: 1 }] }, 'write needs a field "if.0.key".'],
    ["write", { deletes: ["a"], if: [{ key: "a" }] }, SHAPE],
    ["write", { deletes: ["a"], if: [{ key: "a", revision: 0, absent: true }] }, SHAPE],
    ["write", { deletes: ["a"], if: [{ key: "a", absent: false }] }, 'write has a wrong value in "if.0.absent".'],
    ["write", { deletes: ["a"], if: [{ key: "a", revision: -1 }] }, 'write needs "if.0.revision" to be at least 0.'],
    ["transact", { then: [] }, "A transaction has at least one step in `then` or `else`."],
    ["transact", { then: [{}] }, STEP],
    ["transact", { then: [{ get: "a", delete: "a" }] }, STEP],
    ["transact", { then: [{ put: "a" }] }, STEP],
    ["transact", { then: [{ get: "a", value: "" }] }, STEP],
    ["transact", { then: [{ put: "a", value: "" }, { get: "a" }, { delete: "a" }] }, TWICE],
    ["transact", { then: [], else: [{ delete: "a" }, { delete: "a" }] }, TWICE],
    [
      "transact",
      { then: many.map((key) => ({ get: key })) },
      'transact needs "then" to be of a length of at most 1024.',
    ],
  ])("%s of %j", (name, payload, message) => {
    expect(refusalOf(() => parse<unknown>(INPUTS[name], name, payload))).toMatchObject({ code: "invalid", message });
  });

  test("a text that is too long has its own code, wherever it stands", () => {
    const refused = (name: RequestName, payload: object) =>
      refusalOf(() => parse<unknown>(INPUTS[name], name, payload)).code;
    expect(refused("read", { keys: [long] })).toBe("too_large");
    expect(refused("write", { puts: [{ key: long, value: "" }] })).toBe("too_large");
    expect(refused("write", { deletes: ["a"], if: [{ key: long, revision: 0 }] })).toBe("too_large");
    expect(refused("transact", { then: [{ get: long }] })).toBe("too_large");
  });
});

test.each(["list", "rooms"] as const)("%s has pages of 1 to 1000", (name) => {
  for (const limit of [1, 1000]) expect(parse<unknown>(INPUTS[name], name, { limit })).toEqual({ limit });
  const message = (limit: number) => refusalOf(() => parse<unknown>(INPUTS[name], name, { limit })).message;
  expect(message(0)).toBe(`${name} needs "limit" to be at least 1.`);
  expect(message(1001)).toBe(`${name} needs "limit" to be at most 1000.`);
  expect(message(1.5)).toBe(`${name} needs "limit" to be a whole number.`);
});

test("a watch begins at a position, or at one for each room", () => {
  const watch = (from: unknown) => parse<unknown>(INPUTS.watch, "watch", { from });
  const position = { epoch: "e", revision: 0, tag: 1 };
  for (const from of [position, {}, { ann: position, bob: position }]) expect(watch(from)).toEqual({ from });
  const wrong = [null, true, 7, "e:0", { ann: 7 }, { ...position, revision: -1 }, { epoch: "e" }];
  for (const from of wrong) {
    expect(refusalOf(() => watch(from)).message).toMatch(/^watch (has a wrong value in "from"|needs "from\b.*)\.$/);
  }
});

test.each(PROTOTYPE_NAMES)("a watch of all rooms goes on in that of a user called %s too", (name) => {
  const watch = (position: unknown) => {
    const payload = JSON.parse(`{"room":"*","from":{"ann":{"epoch":"e","revision":1,"tag":1},"${name}":${position}}}`);
    return Object.entries(parse<{ from?: object | undefined }>(INPUTS.watch, "watch", payload).from ?? {});
  };
  const position = { epoch: "e", revision: 2, tag: 2 };
  expect(watch(JSON.stringify(position))).toContainEqual([name, position]);
  expect(refusalOf(() => watch("7")).code).toBe("invalid");
});

test("rooms go on after names of bounded length", () => {
  expect(refusalOf(() => parse(INPUTS.rooms, "rooms", { after: "x".repeat(65) })).message).toMatch(/"after"/);
});

test("users cannot be made managers under reserved names", () => {
  for (const name of ["promote", "demote"] as const) {
    const error = refusalOf(() => parse<unknown>(INPUTS[name], name, { user: "system" }));
    expect(error.message).toMatch(/cannot be called/);
  }
});

test("isRequestName knows the requests and nothing else", () => {
  expect(NAMES.every(isRequestName)).toBe(true);
  for (const other of [...PROTOTYPE_NAMES, "", "GET", "connect", 5, null, undefined, ["get"]]) {
    expect(isRequestName(other)).toBe(false);
  }
});

describe("pushes", () => {
  const session = {
    user: "ann",
    role: "guest",
    room: "ann",
    token: "t",
    client: CLIENT,
    resumed: false,
    graceMs: 1,
    durability: "memory",
    accounts: "password",
    protocol: 1,
    limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS },
  };

  test("session announces every limit", () => {
    expect(parsePush("session", session)).toEqual(session);
    for (const name of Object.keys(session.limits)) {
      const limits = { ...session.limits, [name]: undefined };
      expect(refusalOf(() => parsePush("session", { ...session, limits })).message).toBe(
        `The server sent what this version cannot read: session, in "limits.${name}".`,
      );
    }
  });

  test("session takes what a newer server may say, and what one of version 1 says", () => {
    const newer = { ...session, durability: "disk", accounts: "sso", limits: { ...session.limits, watches: 5 } };
    expect(parsePush("session", newer)).toEqual({ ...newer, limits: session.limits });
    // Limits that were announced first. One that was added later may be missing.
    const limits = {
      ...{ nameCharacters: 64, passwordBytes: 1024, keyBytes: 512, valueBytes: 1_048_576, frameBytes: 4_194_304 },
      ...{ pageBytes: 1_048_576, pageEntries: 1000, inFlight: 4096 },
      ...{ roomKeys: 1, roomBytes: 1, logRecords: 1, logBytes: 1, totalBytes: 1 },
    };
    expect(parsePush("session", { ...session, limits }).limits).toEqual(limits);
  });

  test("that cannot be read are the server's fault", () => {
    expect(refusalOf(() => parsePush("role", { role: "king" }))).toMatchObject({
      code: "internal",
      message: 'The server sent what this version cannot read: role, in "role".',
    });
  });

  test("may gain fields that an older client does not know", () => {
    expect(parsePush("role", { role: "manager", since: 5 })).toEqual({ role: "manager" });
    expect(parsePush("session", { ...session, news: 1 })).toEqual(session);
  });
});

test("an answer that cannot be read is the server's fault", () => {
  expect(refusalOf(() => parseOutput("put", { revision: "one" }))).toMatchObject({
    code: "internal",
    message: 'The server sent what this version cannot read: the answer to put, in "revision".',
  });
});

test("a position is kept as it came, whatever else a newer server puts into it", () => {
  const position = { epoch: "e", revision: 1, tag: 2, shard: { of: 3 } };
  const page = { entries: [], more: false, position };
  expect(parseOutput("list", page)).toEqual(page);
});

test("auth takes what a returning client sends, and nothing at all", () => {
  const auth = { user: "ann", password: "p", token: "t", client: CLIENT, protocol: 1 };
  expect(parse(Auth, "auth", auth)).toEqual(auth);
  expect(parse(Auth, "auth", {})).toEqual({});
  expect(refusalOf(() => parse(Auth, "auth", { user: "system" })).message).toMatch(/cannot be called/);
  expect(refusalOf(() => parse(Auth, "auth", { protocol: 1.5 })).message).toMatch(/"protocol" to be a whole number/);
});
