import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeyroomError } from "../../protocol/errors.ts";
import { Auth } from "../../protocol/handshake.ts";
import { INPUTS } from "../../protocol/inputs.ts";
import { parse } from "../../protocol/parse.ts";
import { freshSeed } from "../support/random.ts";
import { refusalOf } from "../support/refusal.ts";
import { PROTOTYPE_NAMES, wildText } from "../support/texts.ts";

const SCHEMAS = [...Object.entries(INPUTS), ["auth", Auth] as const];

test.each([
  [{ key: "" }, "invalid", "The key is empty. Give it at least one character."],
  [{ key: "k".repeat(513) }, "too_large", "The key is too long: at most 512 bytes of UTF-8."],
  [{ value: "v".repeat(2 ** 20 + 1) }, "too_large", "The value is too long: at most 1048576 bytes of UTF-8."],
  [{ value: 5 }, "invalid", 'put needs "value" to be a text.'],
  [{ key: "\ud83d" }, "invalid", "The key has half a surrogate pair, which UTF-8 cannot carry. Send well-formed text."],
  [{ room: "a b" }, "invalid", "A name has no spaces, control characters or invisible marks. Choose another."],
  [{ ifRevision: -1 }, "invalid", 'put needs "ifRevision" to be at least 0.'],
  [{ ifRevision: 1.5 }, "invalid", 'put needs "ifRevision" to be a whole number.'],
  [{ ifRevision: 2 ** 53 }, "invalid", 'put needs "ifRevision" to be a whole number.'],
])("put says what is wrong: case %#", (wrong, code, message) => {
  const error = refusalOf(() => parse(INPUTS.put, "put", { key: "a", value: "v", ...wrong }));
  expect({ code: error.code, message: error.message }).toEqual({ code, message });
});

test("a field's name is shortened and made harmless before it is sent back", () => {
  const long = refusalOf(() => parse(INPUTS.get, "get", { key: "a", ["x".repeat(100_000)]: 1 }));
  expect(long.message).toBe(`get has no field "${"x".repeat(40)}…". Check its spelling.`);
  const exact = refusalOf(() => parse(INPUTS.get, "get", { key: "a", ["x".repeat(40)]: 1 }));
  expect(exact.message).toBe(`get has no field "${"x".repeat(40)}". Check its spelling.`);
  const evil = refusalOf(() => parse(INPUTS.get, "get", { key: "a", "\u001b[31m\u009b1m\u202e": 1 }));
  expect(evil.message).toBe('get has no field "\\u001b[31m\\u009b1m\\u202e". Check its spelling.');
});

const seed = freshSeed();
test(`no JSON makes the parser throw anything but a KeyroomError with a sentence, seed ${seed}`, () => {
  const fields = fc.dictionary(
    fc.oneof(fc.constantFrom(...PROTOTYPE_NAMES, "key", "value", "room", "op"), wildText()),
    fc.jsonValue(),
  );
  const payload = fc.oneof(fc.jsonValue(), fields);
  fc.assert(
    fc.property(fc.constantFrom(...SCHEMAS), payload, ([name, schema], value) => {
      try {
        parse<unknown>(schema, name, value);
      } catch (error) {
        expect(error).toBeInstanceOf(KeyroomError);
        expect((error as KeyroomError).message).toMatch(/^[A-Za-z].*\.$/);
        expect((error as KeyroomError).message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect((error as KeyroomError).message.length).toBeLessThan(500);
      }
    }),
    { seed, numRuns: 3000 },
  );
});
