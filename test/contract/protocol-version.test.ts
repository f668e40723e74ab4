import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { PROTOCOL_HISTORY, PROTOCOL_MINIMUM, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { contract, fingerprint, jsonSchema } from "./fingerprint.ts";

/** What each version's contract was. A released one never changes. */
const PINNED: Readonly<Record<number, string>> = {
  1: "40f92254a5bc5f3d",
  2: "7c5c7f63606565d0",
  3: "fb3ac3878cf88bd2",
};

test("the contract is that of its version", () => {
  const actual = fingerprint(contract());
  if (actual === PINNED[PROTOCOL_VERSION]) return;
  throw new Error(
    `The contract in protocol/ is not the one of version ${PROTOCOL_VERSION} any more: its fingerprint is ${actual}, ` +
      `${PINNED[PROTOCOL_VERSION] ?? "none"} is pinned. If that is meant, raise PROTOCOL_VERSION in ` +
      "protocol/version.ts, give it a line in PROTOCOL_HISTORY, and pin the new fingerprint in this test.",
  );
});

test("each version from the minimum on has its line of history and its fingerprint, and there are no others", () => {
  const versions = Array.from({ length: PROTOCOL_VERSION - PROTOCOL_MINIMUM + 1 }, (_, i) => PROTOCOL_MINIMUM + i);
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) {
    expect(PROTOCOL_HISTORY[version]).toMatch(/^[A-Z].*\.$/);
    expect(PINNED[version]).toMatch(/^[0-9a-f]{16}$/);
  }
  expect(Math.max(...Object.keys(PROTOCOL_HISTORY).map(Number))).toBe(PROTOCOL_VERSION);
});

describe("the fingerprint", () => {
  const { requests, errors, limits, ...rest } = contract();
  const original = fingerprint({ requests, errors, limits, ...rest });

  test.each([
    ["a limit", { limits: { ...limits, keyBytes: 513 } }],
    ["an error's retryable", { errors: { ...errors, conflict: true } }],
    ["a new error", { errors: { ...errors, new_code: false } }],
    ["a request that is gone", { requests: { ...requests, logout: undefined } }],
    ["an input", { requests: { ...requests, get: { ...requests["get"], input: {} } } }],
    ["an answer", { requests: { ...requests, get: { ...requests["get"], output: {} } } }],
    ["the handshake", { auth: {} }],
    ["a push", { pushes: {} }],
    ["an announced limit", { announced: [] }],
  ])("changes with %s", (_, change) => {
    expect(fingerprint({ requests, errors, limits, ...rest, ...change })).not.toBe(original);
  });

  test("does not change with the order of declarations or of fields", () => {
    const limitsReversed = Object.fromEntries(Object.entries(limits).toReversed());
    expect(fingerprint({ ...rest, limits: limitsReversed, errors, requests })).toBe(original);
    const [one, other] = [v.object({ a: v.string(), b: v.number() }), v.object({ b: v.number(), a: v.string() })];
    expect(fingerprint(jsonSchema(one))).toBe(fingerprint(jsonSchema(other)));
  });
});
