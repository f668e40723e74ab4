import * as z from "zod/mini";
import { isErrorCode, KeyroomError } from "./errors.ts";
import { quoted } from "./text.ts";

// Outside Node a strict content security policy may forbid the code that zod generates for speed.
z.config({ jitless: !("process" in globalThis) });

/** What can parse; every schema can. */
export interface Parser<T> {
  safeParse(value: unknown): z.core.util.SafeParseResult<T>;
}

/**
 * Parses what came from outside.
 * @param what names it in the error's sentence, e.g. `put`
 * @throws KeyroomError `invalid`, or the code of the rule that was broken
 */
export function parse<T>(schema: Parser<T>, what: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw explain(what, result.error.issues[0]);
}

function explain(what: string, issue: z.core.$ZodIssue | undefined): KeyroomError {
  const field = issue?.path.join(".") ?? "";
  switch (issue?.code) {
    case "custom": {
      const code: unknown = issue.params?.["code"];
      return new KeyroomError(isErrorCode(code) ? code : "invalid", issue.message);
    }
    case "unrecognized_keys":
      return new KeyroomError("invalid", `${what} has no field ${quote(issue.keys[0] ?? "")}. Check its spelling.`);
    case "invalid_type": {
      const expected = EXPECTED[issue.expected] ?? issue.expected;
      if (field === "") return new KeyroomError("invalid", `${what} takes ${expected}.`);
      return new KeyroomError("invalid", `${what} needs ${quote(field)} to be ${expected}.`);
    }
    case "too_small":
      return new KeyroomError("invalid", `${what} needs ${quote(field)} to be at least ${issue.minimum}.`);
    case "too_big":
      return new KeyroomError("invalid", `${what} needs ${quote(field)} to be at most ${issue.maximum}.`);
    default:
      return new KeyroomError("invalid", `${what} has a wrong value${field === "" ? "" : ` in ${quote(field)}`}.`);
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  object: "an object",
  array: "a list",
  boolean: "true or false",
};

/** Field names come from the sender, who may send long ones. */
function quote(name: string): string {
  return quoted(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
