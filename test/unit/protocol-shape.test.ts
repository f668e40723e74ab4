import { expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { schemaOf } from "../../docs/shape-schema.ts";
import { Role } from "../../protocol/fields.ts";
import { OUTPUTS } from "../../protocol/outputs.ts";
import { PUSHES } from "../../protocol/pushes.ts";
import * as s from "../../protocol/shape.ts";
import { freshSeed } from "../support/random.ts";
import { refusalOf } from "../support/refusal.ts";
import { PROTOTYPE_NAMES } from "../support/texts.ts";

const NESTED = s.object({
  list: s.array(s.object({ at: s.optional(s.number()), text: s.nullable(s.string()) })),
  open: s.optional(s.looseObject({ is: s.boolean() })),
  any: s.unknown(),
  one: s.optional(s.union([s.literal("a"), s.literal(true), s.object({ b: s.string() })])),
});

function fits(shape: s.Shape, value: unknown): boolean {
  try {
    s.read(shape, "it", value);
    return true;
  } catch {
    return false;
  }
}

test("what fits is read as it came, without the fields that nobody knows", () => {
  const value = {
    list: [{ at: 1, text: null }, { text: "" }],
    open: { is: false, more: [1] },
    any: [{}],
    one: { b: "" },
  };
  expect(s.read(NESTED, "it", value)).toStrictEqual(value);
  const more = {
    ...value,
    list: [
      { at: 1, text: null, x: 1 },
      { text: "", y: {} },
    ],
    z: null,
  };
  expect(s.read(NESTED, "it", more)).toStrictEqual(value);
});

test.each<[unknown, string]>([
  [null, "it"],
  ["", "it"],
  [{ list: {}, any: 1 }, 'it, in "list"'],
  [{ list: [{ text: "" }, { text: 1 }], any: 1 }, 'it, in "list.1.text"'],
  [{ list: [{ text: "", at: null }], any: 1 }, 'it, in "list.0.at"'],
  [{ list: [null], any: 1 }, 'it, in "list.0"'],
  [{ list: [], open: { is: "no" } }, 'it, in "open.is"'],
  [{ list: [], open: null }, 'it, in "open"'],
  [{ list: [], one: { b: 1 } }, 'it, in "one"'],
  [{ list: [], one: "b" }, 'it, in "one"'],
])("what does not fit is the server's fault, and the sentence says where: %j", (value, where) => {
  expect(refusalOf(() => s.read(NESTED, "it", value))).toMatchObject({
    code: "internal",
    message: `The server sent what this version cannot read: ${where}.`,
  });
});

test("a role is guest or manager", () => {
  for (const role of ["guest", "manager"]) expect(s.read(Role, "it", role)).toBe(role);
  for (const other of ["Manager", "", "admin", "constructor", null, 1]) expect(fits(Role, other)).toBe(false);
});

const seed = freshSeed();
test(`answers and pushes are read as the documents describe them, seed ${seed}`, () => {
  const shapes = [NESTED, ...Object.values<s.Shape>(OUTPUTS), ...Object.values<s.Shape>(PUSHES)];
  const cases = fc.constantFrom(...shapes).chain((shape) => fc.tuple(fc.constant(shape), nearly(shape)));
  fc.assert(
    fc.property(cases, ([shape, value]) => {
      const described = v.safeParse(schemaOf(shape), value);
      expect(fits(shape, value)).toBe(described.success);
      if (described.success) expect(s.read(shape, "it", value)).toEqual(described.output);
    }),
    { seed, numRuns: 3000 },
  );
});

/** JSON that fits mostly, so that what is deep in it is reached. */
function nearly(shape: s.Shape): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: fitting(shape) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function fitting(shape: s.Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "string":
      return fc.constantFrom("", "a", ...PROTOTYPE_NAMES);
    case "number":
      return fc.double({ noNaN: true });
    case "boolean":
      return fc.boolean();
    case "unknown":
      return fc.jsonValue();
    case "literal":
      return fc.constant(shape.value);
    case "array":
      return fc.array(nearly(shape.item), { maxLength: 3 });
    case "union":
      return fc.oneof(...shape.options.map(nearly));
    case "or":
      return fc.oneof(fc.constant(shape.empty), nearly(shape.shape));
    case "object":
      return fc
        .tuple(
          fc.record(Object.fromEntries(shape.fields.map(([name, field]) => [name, nearly(field)]))),
          unknownFields(),
        )
        .map(([fields, others]) => ({ ...others, ...fields }));
  }
}

/** But those that the library drops also where it keeps all others. */
function unknownFields(): fc.Arbitrary<object> {
  return fc.dictionary(fc.constantFrom("other", "toString", "valueOf"), fc.jsonValue(), { maxKeys: 2 });
}
