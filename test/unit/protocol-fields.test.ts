import { describe, expect, test } from "@jest/globals";
import {
  ClientId,
  Key,
  OperationId,
  Passphrase,
  Password,
  PositionInput,
  Prefix,
  RESERVED_NAMES,
  RevisionInput,
  RoomName,
  Token,
  UserName,
  Value,
} from "../../protocol/input-fields.ts";
import { type Parser, parse } from "../../protocol/parse.ts";
import { refusalOf } from "../support/refusal.ts";
import { PROTOTYPE_NAMES } from "../support/texts.ts";

const CLIENT = "abcdefghijABCDEFGHIJ_-";

function accepts(schema: Parser<unknown>, ...values: readonly unknown[]): void {
  for (const value of values) expect(parse(schema, "it", value)).toEqual(value);
}

function refuses(schema: Parser<unknown>, code: string, message: RegExp, ...values: readonly unknown[]): void {
  for (const value of values) {
    const error = refusalOf(() => parse(schema, "it", value));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  }
}

describe.each([
  ["key", Key, 512],
  ["prefix", Prefix, 512],
  ["value", Value, 2 ** 20],
  ["password", Password, 1024],
  ["passphrase", Passphrase, 1024],
  ["token", Token, 256],
] as const)("a %s", (what, schema, bytes) => {
  test(`has at most ${bytes} bytes of UTF-8, whatever its characters`, () => {
    const sentence = new RegExp(`^The ${what} is too long: at most ${bytes} bytes of UTF-8\\.$`);
    for (const [character, size] of [
      ["x", 1],
      ["é", 2],
      ["～", 3],
      ["😀", 4],
    ] as const) {
      const full = character.repeat(Math.floor(bytes / size)) + "x".repeat(bytes % size);
      accepts(schema, full);
      refuses(schema, "too_large", sentence, `${full}x`, full + character.repeat(4));
    }
  });

  test("is well-formed text", () => {
    refuses(
      schema,
      "invalid",
      new RegExp(`^The ${what} has half a surrogate pair`),
      "\ud800",
      "a\udc00b",
      "\udc00\ud800",
    );
    accepts(schema, "\0", "\u001b[31m", "😀", ...PROTOTYPE_NAMES);
  });

  test("is a text and nothing else", () => {
    refuses(
      schema,
      "invalid",
      /takes a text\.$/,
      5,
      null,
      undefined,
      true,
      {},
      ["a"],
      Buffer.from("a"),
      new String("a"),
    );
  });
});

test("a key and a password cannot be empty; a value, a prefix and a passphrase can", () => {
  refuses(Key, "invalid", /^The key is empty\. Give it/, "");
  refuses(Password, "invalid", /^The password is empty/, "");
  for (const schema of [Value, Prefix, Passphrase]) accepts(schema, "");
});

describe.each([
  ["room", RoomName],
  ["user", UserName],
])("the name of a %s", (_, schema) => {
  test("may be of any script and have any visible character", () => {
    accepts(schema, "ann", "Ω", "অনু", "李", "😀", "a.b-c_d@e/f:g*", "'\"\\<>", ...PROTOTYPE_NAMES, "x".repeat(64));
  });

  test.each([
    ["a space", "ann lee"],
    ["a space before", " ann"],
    ["a space behind", "ann "],
    ["a space alone", " "],
    ["a tab", "ann\t"],
    ["a line break", "ann\n"],
    ["a no-break space", "ann\u00a0"],
    ["a wide space", "ann\u3000"],
    ["a line separator", "ann\u2028"],
    ["a null", "ann\0"],
    ["an escape sequence", "\u001b[31mann"],
    ["a C1 control", "\u009b31mann"],
    ["a delete", "ann\u007f"],
    ["a zero-width space", "an\u200bn"],
    ["a byte order mark", "\ufeffann"],
    ["a change of direction", "\u202enna"],
    ["half a surrogate pair", "ann\ud83d"],
    ["a private character", "ann\ue000"],
  ])("has not %s", (__, name) => {
    refuses(schema, "invalid", /no spaces, control characters or invisible marks/, name);
  });

  test("is not empty, not longer than 64 characters, and a text", () => {
    refuses(schema, "invalid", /^The name is empty/, "");
    refuses(schema, "invalid", /at most 64 characters/, "x".repeat(65), "😀".repeat(33), " ".repeat(5000));
    refuses(schema, "invalid", /takes a text/, 5, null, {}, ["ann"]);
  });
});

test("a user cannot have a reserved name, a room can", () => {
  expect(RESERVED_NAMES).toEqual(["shared", "system", "*"]);
  refuses(UserName, "invalid", /cannot be called shared, system, \*\. Choose another/, ...RESERVED_NAMES);
  accepts(RoomName, ...RESERVED_NAMES);
  accepts(UserName, "Shared", "systems", "**");
});

test("a client id is 22 characters of base64url", () => {
  accepts(ClientId, CLIENT);
  const others = ["", CLIENT.slice(1), `${CLIENT}a`, `${CLIENT.slice(1)}+`, `${CLIENT}\n`, ` ${CLIENT.slice(1)}`];
  refuses(ClientId, "invalid", /not one that a server issues/, ...others);
});

test("an operation id is a client id and a number from 1, written in one way only", () => {
  accepts(OperationId, `${CLIENT}:1`, `${CLIENT}:10`, `${CLIENT}:999999999999999`);
  const counters = ["", "0", "01", "-1", "+1", "1.0", "1e3", "1 ", "1\n", "a", "1000000000000000", "1:1"];
  const others = [
    ...counters.map((counter) => `${CLIENT}:${counter}`),
    CLIENT,
    ":1",
    "",
    `x${CLIENT}:1`,
    `${CLIENT} :1`,
  ];
  refuses(OperationId, "invalid", /"CLIENT:COUNTER", the counter a whole number from 1/, ...others);
});

test("a revision is a whole number from 0", () => {
  accepts(RevisionInput, 0, 1, Number.MAX_SAFE_INTEGER);
  refuses(RevisionInput, "invalid", /at least 0/, -1);
  refuses(RevisionInput, "invalid", /a whole number/, 0.5);
  refuses(RevisionInput, "invalid", /a (whole )?number/, "1", null, Number.NaN, Number.POSITIVE_INFINITY, 1n);
  refuses(RevisionInput, "invalid", /a whole number/, 2 ** 53);
});

test("a position has an epoch of bounded length, a revision and a tag", () => {
  const position = { epoch: "e".repeat(64), revision: 0, tag: 7 };
  accepts(PositionInput, position);
  refuses(PositionInput, "invalid", /"epoch"/, { ...position, epoch: "e".repeat(65) }, { revision: 0, tag: 7 });
  refuses(PositionInput, "invalid", /"revision"/, { ...position, revision: -1 });
  refuses(PositionInput, "invalid", /"tag"/, { ...position, tag: 0.5 });
});
