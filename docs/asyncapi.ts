/** The Socket.IO contract as an AsyncAPI 3.1 document, from the schemas that the server parses with. */
import { toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import * as commitFields from "../protocol/commit-fields.ts";
import { ERROR_CODES } from "../protocol/errors.ts";

import * as fields from "../protocol/fields.ts";
import { Auth } from "../protocol/handshake.ts";
import * as inputFields from "../protocol/input-fields.ts";
import { INPUTS } from "../protocol/inputs.ts";
import { OUTPUTS } from "../protocol/outputs.ts";
import { PUSHES } from "../protocol/pushes.ts";
import type { Shape } from "../protocol/shape.ts";
import { ERROR_MEANINGS, PUSH_SUMMARIES, REQUEST_SUMMARIES } from "../protocol/summaries.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { schemaOf } from "./shape-schema.ts";

type Json = { readonly [name: string]: unknown };

export function asyncApiDocument(): Json {
  const messages = { connect: CONNECT, connect_error: REFUSED, ...pushMessages(), ...requestMessages() };
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Keyroom",
      version: `${PROTOCOL_VERSION}`,
      description:
        "A live key-value store over Socket.IO 4, seen from the server: it receives requests and sends pushes. " +
        "Each message is an event of its name. A request is `emit(name, payload, acknowledge)`; " +
        "its reply is the argument of the acknowledgement. " +
        "What JSON Schema cannot say, such as lengths in bytes, stands in the descriptions.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      local: {
        host: "127.0.0.1:3000",
        protocol: "socket.io",
        protocolVersion: "5",
        description: "Where `keyroom-server` listens by default, over WebSocket or HTTP long-polling.",
      },
    },
    channels: {
      main: {
        address: "/",
        title: "The main namespace",
        servers: [{ $ref: "#/servers/local" }],
        messages: mapValues(messages, (_message, name) => ({ $ref: `#/components/messages/${name}` })),
      },
    },
    operations: {
      connect: {
        action: "receive",
        ...within("connect"),
        summary: "Signs in. The answer is a `session` push, or a `connect_error` with the reason.",
        reply: within("session.push", "connect_error"),
      },
      ...mapValues(REQUEST_SUMMARIES, (summary, name) => ({
        action: "receive",
        ...within(name),
        summary,
        reply: within(`${name}.answer`),
      })),
      ...eachPush((summary, id) => ({ action: "send", ...within(id), summary })),
    },
    components: { schemas: { ...contractSchemas(), Error: ERROR, Refusal: REFUSAL }, messages },
  };
}

const ERROR = {
  type: "object",
  required: ["code", "message", "retryable"],
  properties: {
    code: {
      enum: Object.keys(ERROR_CODES),
      description: Object.entries(ERROR_MEANINGS)
        .map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
        .join("\n"),
    },
    message: { type: "string", description: "A sentence for people: what, why and what to do." },
    retryable: { type: "boolean", description: "Whether the same request may succeed when tried again unchanged." },
    conflict: {
      type: "object",
      required: ["condition", "revision", "version"],
      properties: {
        condition: { type: "integer", description: "Which condition did not hold: its place, from 0." },
        revision: { type: "integer", description: "Of the entry that was found; 0 where there was none." },
        version: { type: "integer", description: "Likewise." },
      },
      description: "With `conflict`, where a condition of the request did not hold; not in the answer to a repeat.",
    },
  },
};

const REFUSAL = object({ ok: { const: false }, error: schema("Error") });

const CONNECT = {
  title: "The handshake's `auth`",
  description:
    "The payload of Socket.IO's CONNECT packet: what a client gives as its `auth` option. " +
    "A client that gives nothing becomes an anonymous guest, where the server allows it. " +
    "`token` and `client` come from an earlier `session` push: the first goes before the password, " +
    "the second goes on with that session. `protocol` is the version that the client speaks.",
  payload: schema("Auth"),
};

const REFUSED = {
  title: "A sign-in that was refused",
  description: "The payload of Socket.IO's CONNECT_ERROR packet; clients see it as the event `connect_error`.",
  payload: object({ message: { type: "string" }, data: schema("Error") }),
};

function pushMessages(): Json {
  return eachPush((summary, id, name) => ({ name, summary, payload: schema(id) }));
}

/** By an id of its own, because a push may have the name of a request. */
function eachPush(describe: (summary: string, id: string, name: string) => Json): Json {
  return Object.fromEntries(
    Object.entries(PUSH_SUMMARIES).map(([name, summary]) => [`${name}.push`, describe(summary, `${name}.push`, name)]),
  );
}

function requestMessages(): Json {
  const asked = mapValues(REQUEST_SUMMARIES, (summary, name) => ({
    name,
    summary,
    payload: schema(`${name}.request`),
  }));
  const answered = Object.keys(OUTPUTS).map((name) => {
    const success = object({ ok: { const: true }, value: schema(`${name}.value`) });
    const title = `The acknowledgement of \`${name}\``;
    return [`${name}.answer`, { title, payload: { oneOf: [success, schema("Refusal")] } }] as const;
  });
  return { ...asked, ...Object.fromEntries(answered) };
}

/** Every field, request, answer and push by name; they refer to each other. */
function contractSchemas(): Json {
  const named: Record<string, v.GenericSchema> = { Auth };
  for (const [name, field] of Object.entries({ ...inputFields, ...commitFields }))
    if (isSchema(field)) named[name] = field;
  for (const [name, field] of Object.entries(fields)) named[name] = schemaOf(field);
  for (const [name, push] of Object.entries<Shape>(PUSHES)) named[`${name}.push`] = schemaOf(push);
  for (const [name, input] of Object.entries(INPUTS)) named[`${name}.request`] = input;
  for (const [name, output] of Object.entries<Shape>(OUTPUTS)) named[`${name}.value`] = schemaOf(output);
  const { $schema: _schema, ...schemas } = toJsonSchemaDefs(named, {
    target: "draft-07",
    // What it cannot express stands in the descriptions.
    errorMode: "ignore",
    overrideRef: ({ referenceId }) => schema(referenceId).$ref,
  });
  return mapValues(schemas, (one, name) => {
    const said = refusals(named[name] ?? {});
    return said.length === 0 ? one : { ...one, description: ["May be refused:", ...said].join("\n- ") };
  });
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}

/** The rules that JSON Schema can't express, in the words with which the server refuses. */
function refusals(type: object): string[] {
  const pipe: unknown = "pipe" in type ? type.pipe : [];
  if (!Array.isArray(pipe)) return [];
  return pipe.flatMap((step: unknown) => {
    if (typeof step !== "object" || step === null) return [];
    if (step !== type && "kind" in step && step.kind === "schema") return refusals(step);
    return "type" in step && step.type === "check" && "message" in step ? [String(step.message)] : [];
  });
}

function schema(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function object(properties: Json): Json {
  return { type: "object", required: Object.keys(properties), properties };
}

function within(...messages: readonly string[]) {
  const channel = "#/channels/main";
  return { channel: { $ref: channel }, messages: messages.map((name) => ({ $ref: `${channel}/messages/${name}` })) };
}

function mapValues<T, R>(
  source: Readonly<Record<string, T>>,
  change: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, change(value, name)]));
}
