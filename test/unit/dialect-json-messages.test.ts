import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  failureAnswer,
  type JsonCommand,
  parseMessage,
  SUCCESS_ANSWER,
  valuesAnswer,
} from "../../server/dialects/json-messages.ts";
import { freshSeed } from "../support/random.ts";

const KEYS = "`keys` must be a list of texts. Send the keys that are meant.";
const VALUES = "`values` must be a list of texts, one for each key.";
const COUNTS = "Must provide equal number of keys and values";

describe("a command", () => {
  test.each<[string, JsonCommand]>([
    ['{"command":"read","keys":["a","b"]}', { kind: "read", keys: ["a", "b"], hold: false, waitMs: 5_000 }],
    ['{"command":"read","keys":["a","a"],"hold_lock":true}', { kind: "read", keys: ["a"], hold: true, waitMs: 5_000 }],
    ['{"command":"read","keys":["a"],"timeout":0.5}', { kind: "read", keys: ["a"], hold: false, waitMs: 500 }],
    ['{"command":"read","keys":["a"],"timeout":0}', { kind: "read", keys: ["a"], hold: false, waitMs: 0 }],
    ['{"command":"read","keys":["a"],"timeout":61}', { kind: "read", keys: ["a"], hold: false, waitMs: 60_000 }],
    ['{"command":"read","keys":["a"],"timeout":1e999}', { kind: "read", keys: ["a"], hold: false, waitMs: 60_000 }],
    ['{"command":"read","keys":["__proto__"]}', { kind: "read", keys: ["__proto__"], hold: false, waitMs: 5_000 }],
    [
      '{"command":"read","keys":["a"],"hold_lock":null,"timeout":null,"value":7}',
      { kind: "read", keys: ["a"], hold: false, waitMs: 5_000 },
    ],
    [
      '{"command":"write","keys":["a","b"],"values":["1",""],"hold_lock":true}',
      {
        kind: "write",
        puts: [
          { key: "a", value: "1" },
          { key: "b", value: "" },
        ],
        hold: true,
        waitMs: 5_000,
      },
    ],
    [
      '{"command":"write","keys":["a"],"value":""}',
      { kind: "write", puts: [{ key: "a", value: "" }], hold: false, waitMs: 5_000 },
    ],
    ['{"command":"lock","keys":["a"]}', { kind: "lock", keys: ["a"], mode: "shared", waitMs: 5_000 }],
    ['{"command":"lock","keys":["a"],"mode":"read"}', { kind: "lock", keys: ["a"], mode: "shared", waitMs: 5_000 }],
    [
      '{"command":"lock","keys":["a","b"],"mode":"write","timeout":2}',
      { kind: "lock", keys: ["a", "b"], mode: "exclusive", waitMs: 2_000 },
    ],
    ['{"command":"unlock","keys":["a"]}', { kind: "unlock", keys: ["a"] }],
    ['\n{ "keys" : ["a"], "command" : "unlock" } ', { kind: "unlock", keys: ["a"] }],
  ])("is %s", (message, command) => {
    expect(parseMessage(message)).toEqual(command);
  });
});

describe("what is none is told so", () => {
  test("also one with too many keys or values", () => {
    const sentence = "A message has at most 1024 keys, and as many values. Send several messages.";
    const many = Array.from({ length: 1_025 }, (_, i) => `${i}`);
    const [, ...most] = many;
    expect(parseMessage(JSON.stringify({ command: "read", keys: most }))).toMatchObject({ kind: "read", keys: most });
    for (const message of [
      { command: "read", keys: many },
      { command: "write", keys: most, values: many },
    ]) {
      expect(parseMessage(JSON.stringify(message))).toEqual({ kind: "wrong", sentence });
    }
  });

  test.each([
    [null, "Messages are text frames, and this was a binary one."],
    ["", "The message is not JSON."],
    ["{'command':'read'}", "The message is not JSON."],
    ['{"command":"read"} {"command":"read"}', "The message is not JSON."],
    ["null", "A message is a JSON object with a command."],
    ["[]", "A message is a JSON object with a command."],
    ['"read"', "A message is a JSON object with a command."],
    ["{}", "Unknown command"],
    ['{"command":"delete","keys":["a"]}', "Unknown command"],
    ['{"command":"READ","keys":["a"]}', "Unknown command"],
    ['{"command":["read"],"keys":["a"]}', "Unknown command"],
    ['{"command":"toString","keys":["a"]}', "Unknown command"],
    ['{"__proto__":{"command":"read","keys":["a"]}}', "Unknown command"],
    ['{"command":"read"}', KEYS],
    ['{"command":"read","__proto__":{"keys":["a"]}}', KEYS],
    ['{"command":"unlock","keys":"a"}', KEYS],
    ['{"command":"lock","keys":["a",1]}', KEYS],
    ['{"command":"lock","keys":{"0":"a"}}', KEYS],
    ['{"command":"lock","keys":["a"],"mode":"exclusive"}', '`mode` must be "read" or "write".'],
    ['{"command":"lock","keys":["a"],"timeout":"5"}', "`timeout` must be a number of seconds."],
    ['{"command":"lock","keys":["a"],"timeout":-1}', "`timeout` must be 0 or more."],
    ['{"command":"read","keys":["a"],"hold_lock":"yes"}', "`hold_lock` must be true or false."],
    ['{"command":"write","keys":["a"]}', COUNTS],
    ['{"command":"write","keys":["a"],"values":[]}', COUNTS],
    ['{"command":"write","keys":["a","b"],"values":["1"]}', COUNTS],
    ['{"command":"write","keys":["a"],"values":["1","2"]}', COUNTS],
    ['{"command":"write","keys":["a","b"],"value":"1"}', COUNTS],
    ['{"command":"write","keys":["a"],"values":[1]}', VALUES],
    ['{"command":"write","keys":["a"],"values":{"a":"1"}}', VALUES],
    ['{"command":"write","keys":["a"],"value":1}', "`value` must be a text."],
  ])("%s", (message, sentence) => {
    expect(parseMessage(message)).toEqual({ kind: "wrong", sentence });
  });

  const seed = freshSeed();
  test(`also what is wild (seed ${seed})`, () => {
    const field = fc.constantFrom("command", "keys", "values", "value", "mode", "timeout", "hold_lock", "__proto__");
    const part = fc.oneof(
      fc.constantFrom("read", "write", "lock", "unlock"),
      fc.array(fc.string({ unit: "binary" })),
      fc.jsonValue(),
    );
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(field, part).map((fields) => JSON.stringify(fields)),
    );
    fc.assert(
      fc.property(message, (text) => {
        const command = parseMessage(text);
        if (command.kind === "wrong")
          expect(JSON.parse(failureAnswer(command.sentence))).toMatchObject({ success: false });
        else expect(JSON.parse(text)).toMatchObject({ command: command.kind });
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

test("answers have their fields in the old order, and values in the order of the keys", () => {
  expect(SUCCESS_ANSWER).toBe('{"success":true}');
  expect(failureAnswer('a "b"')).toBe('{"success":false,"error":"a \\"b\\""}');
  expect(
    valuesAnswer([
      { key: "z", value: "1" },
      { key: "7", value: "2" },
      { key: "__proto__", value: "3" },
      { key: "a\n", value: '"' },
    ]),
  ).toBe('{"success":true,"values":{"z":"1","7":"2","__proto__":"3","a\\n":"\\""}}');
});
