import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ignore, OutboxRig, turn } from "../support/outbox-rig.ts";
import { freshSeed } from "../support/random.ts";

const seed = freshSeed();

/** Texts that JSON makes long, short and in between, up to what a value may be. */
const value = fc
  .tuple(
    fc.constantFrom('"', "\\", "\u0000", "\u001f", "\n", "a", "é", "€", "\u2028", "😀", "\ud83d", "\ude00", "\ud800x"),
    fc.oneof(fc.nat(64), fc.nat(FIXED_LIMITS.valueBytes), fc.constantFrom(700_000, FIXED_LIMITS.valueBytes)),
  )
  .map(([unit, length]) => unit.repeat(length / unit.length));

const put = fc.record({ key: fc.string({ unit: "binary", maxLength: 128 }), value });

/** An acknowledgement id and a batch's number that come late. */
const PREFIX = "42999999999999";

test(`no event is above the frame limit, and none is lost, whatever the texts (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(put, { maxLength: 12 }), async (puts) => {
      const rig = new OutboxRig();
      for (const each of puts) ignore(rig.put(each.key, each.value));
      rig.connect();
      await turn();
      for (const { name, payload } of rig.sent) {
        expect(Buffer.byteLength(PREFIX + JSON.stringify([name, payload]))).toBeLessThanOrEqual(
          FIXED_LIMITS.frameBytes,
        );
      }
      const fit = puts.filter((each) => Buffer.byteLength(JSON.stringify(each)) + 256 <= FIXED_LIMITS.frameBytes);
      expect(rig.keys).toEqual(fit.map(({ key }) => key));
    }),
    { seed, numRuns: 12 },
  );
});

test(`what is in lists counts, too: no event is above the frame limit (seed ${seed})`, async () => {
  const text = fc.oneof({ arbitrary: fc.constantFrom("", "a", "\u0000"), weight: 9 }, value);
  const several = fc.record({
    puts: fc.array(fc.record({ key: text, value: text }), { maxLength: 1024 }),
    deletes: fc.array(text, { maxLength: 1024 }),
    if: fc.array(fc.record({ key: text, revision: fc.constant(Number.MAX_SAFE_INTEGER) }), { maxLength: 1024 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(several, { minLength: 2, maxLength: 6, size: "max" }), async (writes) => {
      const rig = new OutboxRig();
      rig.connect();
      for (const each of writes) ignore(rig.outbox.request("write", each));
      await turn();
      const sizes = rig.sent.map(({ name, payload }) => Buffer.byteLength(PREFIX + JSON.stringify([name, payload])));
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(FIXED_LIMITS.frameBytes);
    }),
    { seed, numRuns: 12 },
  );
});

test("many small items leave in events that fit, however little text is in them", async () => {
  const rig = new OutboxRig();
  rig.connect();
  const puts = Array.from({ length: 1024 }, () => ({ key: "k", value: "" }));
  for (let i = 0; i < 256; i++) ignore(rig.outbox.request("write", { puts }));
  await turn();
  expect(rig.sent.length).toBeGreaterThan(1);
  for (const { name, payload } of rig.sent) {
    expect(Buffer.byteLength(PREFIX + JSON.stringify([name, payload]))).toBeLessThanOrEqual(FIXED_LIMITS.frameBytes);
  }
});

test.each<[string, unknown]>([
  ["an object", { a: 1 }],
  ["a big integer", 1n],
  ["a function", () => 1],
  ["null", null],
])("%s in place of a text is refused before it is sent, and spoils nothing", async (_, wrong) => {
  const rig = new OutboxRig();
  rig.connect();
  const refused = rejectionOf(rig.put("a", wrong as string));
  ignore(rig.put("b"), rig.put("c"));
  expect(await refused).toMatchObject({ code: "invalid", message: expect.stringMatching(/^The value is neither/) });
  await turn();
  expect(rig.events).toEqual([["put b 1", "put c 2"]]);
});

test("what fits into one event is not parted: 200 values of a kilobyte", async () => {
  const rig = new OutboxRig();
  rig.connect();
  for (let i = 0; i < 200; i++) ignore(rig.put(String(i), "v".repeat(1024)));
  await turn();
  expect(rig.events.map(({ length }) => length)).toEqual([200]);
});
