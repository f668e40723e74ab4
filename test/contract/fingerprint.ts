import { createHash } from "node:crypto";
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { schemaOf } from "../../docs/shape-schema.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";
import { Auth } from "../../protocol/handshake.ts";
import { INPUTS } from "../../protocol/inputs.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { OUTPUTS } from "../../protocol/outputs.ts";
import { PUSHES } from "../../protocol/pushes.ts";
import { REQUEST_NAMES } from "../../protocol/requests.ts";
import type { Shape } from "../../protocol/shape.ts";

/** All that two peers of one version must agree on. What is said only to people is not part of it. */
export function contract() {
  return {
    auth: jsonSchema(Auth),
    requests: Object.fromEntries(
      REQUEST_NAMES.map((name) => [
        name,
        { input: jsonSchema(INPUTS[name]), output: jsonSchema(schemaOf(OUTPUTS[name])) },
      ]),
    ),
    pushes: mapped<Shape, unknown>(PUSHES, (push) => jsonSchema(schemaOf(push))),
    limits: FIXED_LIMITS,
    announced: Object.keys(DEFAULT_LIMITS),
    errors: ERROR_CODES,
  };
}

/** The rules that it cannot express are left out; the fields' own tests pin those. */
export function jsonSchema(schema: v.GenericSchema): unknown {
  return toJsonSchema(schema, { errorMode: "ignore" });
}

function mapped<T, U>(record: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}

/** The same for the same meaning: the order in which fields, requests and codes are declared does not count. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex").slice(0, 16);
}

/** JSON with every object's and every list's members in one order: no list in a JSON Schema has a meaningful one. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join()}]`;
  if (typeof value !== "object" || value === null) return String(JSON.stringify(value));
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
  return `{${members.toSorted().join()}}`;
}
