import * as v from "valibot";
import { isErrorCode, KeyroomError } from "./errors.ts";
import { quoted } from "./text.ts";

/** What can parse; every schema can. */
export type Parser<T> = v.GenericSchema<unknown, T>;

/** One broken rule is enough to refuse; nobody waits for a list. */
const FIRST_ONLY = { abortEarly: true, abortPipeEarly: true };

/**
 * Parses what came from outside.
 * @param what names it in the error's sentence, e.g. `put`
 * @throws KeyroomError `invalid`, or the code of the rule that was broken
 */
export function parse<T>(schema: Parser<T>, what: string, value: unknown): T {
  // To the library a list is an object with numbers for names.
  if (schema.type === "strict_object" && Array.isArray(value)) throw explain(what, undefined);
  const result = v.safeParse(schema, value, FIRST_ONLY);
  if (result.success) return result.output;
  throw explain(what, result.issues[0]);
}

function explain(what: string, issue: v.BaseIssue<unknown> | undefined): KeyroomError {
  const field = quote(issue?.path?.map(({ key }) => String(key)).join(".") ?? "");
  const whole = issue?.path === undefined;
  const mustBe = whole ? `${what} takes` : `${what} needs ${field} to be`;
  switch (issue?.type) {
    case "check": {
      const code: unknown = Object(issue.requirement).code;
      return new KeyroomError(isErrorCode(code) ? code : "invalid", issue.message);
    }
    case "strict_object":
      if (issue.expected === "never") return invalid(`${what} has no field ${field}. Check its spelling.`);
      if (issue.path?.at(-1)?.origin === "key") return invalid(`${what} needs a field ${field}.`);
      return invalid(`${mustBe} an object.`);
    case "picklist":
      return invalid(`${mustBe} one of ${String(issue.expected).replaceAll(/[()]/g, "").replaceAll(" | ", ", ")}.`);
    default: {
      const expected = EXPECTED[issue?.type ?? "object"];
      const bound = typeof issue?.requirement === "number" ? ` ${issue.requirement}` : "";
      if (expected !== undefined) return invalid(`${mustBe} ${expected}${bound}.`);
      return invalid(`${what} has a wrong value${whole ? "" : ` in ${field}`}.`);
    }
  }
}

function invalid(sentence: string): KeyroomError {
  return new KeyroomError("invalid", sentence);
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  safe_integer: "a whole number",
  object: "an object",
  array: "a list",
  boolean: "true or false",
  min_value: "at least",
  max_value: "at most",
  max_length: "of a length of at most",
};

/** Field names come from the sender, who may send long ones. */
function quote(name: string): string {
  return quoted(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
