import { expect, test } from "@jest/globals";
import { ERROR_CODES, type ErrorCode, isErrorCode, KeyroomError } from "../../protocol/errors.ts";
import { ERROR_MEANINGS } from "../../protocol/summaries.ts";
import { PROTOTYPE_NAMES } from "../support/texts.ts";

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

test.each(CODES)("%s travels and comes back the same", (code) => {
  const sent = new KeyroomError(code, "What, why and what to do.");
  const wire: unknown = JSON.parse(JSON.stringify(sent));
  expect(wire).toEqual({ code, message: "What, why and what to do.", retryable: ERROR_CODES[code] });
  const received = KeyroomError.fromWire(wire);
  expect(received).toBeInstanceOf(KeyroomError);
  expect(received).toMatchObject({ code, message: sent.message, retryable: sent.retryable });
});

test("an error is an Error with a name, a code and, where it was given, a cause and an operation", () => {
  const cause = new Error("below");
  const error = new KeyroomError("unknown_outcome", "Ask its status.", { cause, op: "client:1" });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "KeyroomError", code: "unknown_outcome", op: "client:1", cause });
  expect(String(error)).toBe("KeyroomError: Ask its status.");
  expect(new KeyroomError("internal", "x").op).toBeUndefined();
});

test("what a condition found travels with its conflict, and only in form", () => {
  const conflict = { condition: 1, revision: 7, version: 2 };
  const sent = new KeyroomError("conflict", "Read it again.", { conflict });
  const wire = JSON.parse(JSON.stringify(sent));
  expect(wire).toEqual({ code: "conflict", message: "Read it again.", retryable: false, conflict });
  expect(KeyroomError.fromWire(wire).conflict).toEqual(conflict);
  for (const wrong of [
    null,
    7,
    "x",
    [],
    {},
    { ...conflict, version: "2" },
    { condition: 0, revision: 0.5, version: 1 },
  ]) {
    const received = KeyroomError.fromWire({ ...wire, conflict: wrong });
    expect([received.code, received.conflict]).toEqual(["conflict", undefined]);
  }
});

test("only what may succeed when tried again unchanged is retryable", () => {
  expect(CODES.filter((code) => new KeyroomError(code, "").retryable)).toEqual([
    "locked",
    "rate_limited",
    "unavailable",
    "timeout",
  ]);
});

const STRANGE: readonly unknown[] = [
  undefined,
  null,
  5,
  "conflict",
  [],
  {},
  { code: "unheard_of", message: "x" },
  { code: 5 },
  { message: "x" },
  ...PROTOTYPE_NAMES.map((code) => ({ code, message: "x" })),
];
test.each(STRANGE.map((wire) => [wire]))("what is not an error of ours becomes internal: %j", (wire) => {
  const error = KeyroomError.fromWire(wire);
  expect(error.code).toBe("internal");
  expect(error.message).toMatch(/cannot read/);
});

test.each([[{ code: "conflict" }], [{ code: "conflict", message: 5 }], [{ code: "conflict", message: null }]])(
  "a code without a sentence is its own sentence: %j",
  (wire) => {
    expect(KeyroomError.fromWire(wire)).toMatchObject({ code: "conflict", message: "conflict" });
  },
);

test("isErrorCode knows the codes and nothing else", () => {
  expect(CODES.every(isErrorCode)).toBe(true);
  for (const other of [...PROTOTYPE_NAMES, "", "Conflict", 5, null, undefined, ["conflict"]]) {
    expect(isErrorCode(other)).toBe(false);
  }
});

test("every code says what it means, in a sentence", () => {
  for (const code of CODES) expect(ERROR_MEANINGS[code]).toMatch(/^[A-Z].*\.$/);
});
