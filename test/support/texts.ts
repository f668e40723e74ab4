import fc from "fast-check";

/** Names that are properties of every object, or begin to be when assigned. */
export const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty"];

/** Code points where encodings change their length or their order, and characters that terminals obey. */
const EDGES = [0, 0x1b, 0x7f, 0x80, 0x9b, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xff5e, 0xffff, 0x10000, 0x1f600, 0x10ffff];

const unit = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  fc.constantFrom(...EDGES).map((point) => String.fromCodePoint(point)),
  fc.constantFrom("a", "b", "é", "～", "😀"),
);

/** Well-formed texts with much that is rare elsewhere. */
export function wildText(maxLength = 8): fc.Arbitrary<string> {
  return fc.string({ unit, maxLength });
}

/** Keys from a small stock, so that they meet, and now and then a wild one. */
export function wildKey(): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom("a", "aa", "b", "role", "～", "😀", "😀a"), weight: 4 },
    { arbitrary: fc.constantFrom(...PROTOTYPE_NAMES), weight: 2 },
    { arbitrary: fc.string({ unit, minLength: 1, maxLength: 4 }), weight: 1 },
  );
}
