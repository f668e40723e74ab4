import { ERROR_CODES, isErrorCode } from "../../protocol/errors.ts";

/** Throws unless this is an acknowledgement as the contract has it, and each answer in that of a batch is one. */
export function checkAnswer(answer: unknown): asserts answer is { ok: boolean } {
  if (!isWellFormed(answer)) throw new Error(`This is no acknowledgement: ${JSON.stringify(answer)}`);
  for (const one of answersWithin(answer)) checkAnswer(one);
}

function isWellFormed(answer: unknown): answer is object {
  if (typeof answer !== "object" || answer === null || !("ok" in answer)) return false;
  if (answer.ok === true) return hasOnly(answer, "ok", "value");
  return answer.ok === false && hasOnly(answer, "ok", "error") && "error" in answer && isWireError(answer.error);
}

/** The answers in that of a batch, which came without pages. */
function answersWithin(answer: object): readonly unknown[] {
  const value = "value" in answer ? answer.value : null;
  const isOfBatch = typeof value === "object" && value !== null && "answers" in value && Array.isArray(value.answers);
  return isOfBatch ? (value.answers as unknown[]) : [];
}

/** `internal` is well-formed, but nothing that a client sends may cause it. */
function isWireError(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const part = "conflict" in error ? ["conflict"] : [];
  if (!hasOnly(error, "code", "message", "retryable", ...part)) return false;
  if (!("code" in error && "message" in error && "retryable" in error)) return false;
  const { code, message, retryable } = error;
  if (!isErrorCode(code) || code === "internal" || typeof message !== "string" || message.length < 5) return false;
  if ("conflict" in error && (code !== "conflict" || !isConflict(error.conflict))) return false;
  return message.length < 700 && retryable === ERROR_CODES[code];
}

function isConflict(part: unknown): boolean {
  if (typeof part !== "object" || part === null || !hasOnly(part, "condition", "revision", "version")) return false;
  return Object.values(part).every((number) => Number.isSafeInteger(number) && Number(number) >= 0);
}

function hasOnly(value: object, ...fields: readonly string[]): boolean {
  return Object.keys(value).toSorted().join() === fields.toSorted().join();
}
