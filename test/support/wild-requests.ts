import fc from "fast-check";
import { REQUEST_NAMES as ALL } from "../../protocol/requests.ts";
import { PROTOTYPE_NAMES, wildKey, wildText } from "./texts.ts";

const REQUEST_NAMES = ALL.filter((name) => name !== "logout");

/** Names that emitters and Socket.IO itself use. */
const OWN_NAMES = [
  "error",
  "disconnecting",
  "disconnect",
  "connect",
  "connect_error",
  "newListener",
  "session",
  "data",
];

/** The name of a request, something like it, or anything that JSON can carry in its place. */
export const wildName = fc.oneof(
  { arbitrary: fc.constantFrom(...REQUEST_NAMES), weight: 6 },
  { arbitrary: fc.constantFrom(...OWN_NAMES, ...PROTOTYPE_NAMES), weight: 3 },
  { arbitrary: wildText(80), weight: 2 },
  { arbitrary: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), weight: 1 },
);

const scalar = fc.oneof(
  wildKey(),
  fc.constantFrom("", "guest", "manager", "shared", "*", "\ud800", "k".repeat(513), `${"A".repeat(22)}:1`),
  fc.integer({ min: -2, max: 1001 }),
  fc.constantFrom(null, true, false, 0.5, 2 ** 53, -1e308),
);

const FIELDS = [
  "key",
  "value",
  "room",
  "ifRevision",
  "op",
  "prefix",
  "after",
  "before",
  "limit",
  "user",
  "passphrase",
  "watch",
  "from",
  "copy",
  "upTo",
  "batch",
  "requests",
  "keys",
  "puts",
  "deletes",
  "if",
  "then",
  "else",
];

/** Objects with the fields of requests, now and then with one that is nobody's, or a prototype's. */
const nearlyRight = fc
  .array(
    fc.tuple(
      fc.oneof(
        { arbitrary: fc.constantFrom(...FIELDS), weight: 8 },
        { arbitrary: fc.constantFrom(...PROTOTYPE_NAMES), weight: 1 },
        { arbitrary: wildText(), weight: 1 },
      ),
      fc.oneof({ arbitrary: scalar, weight: 8 }, { arbitrary: fc.jsonValue({ maxDepth: 2 }), weight: 1 }),
    ),
    { maxLength: 5 },
  )
  // Through JSON, because only there `__proto__` is a field like any other.
  .map((fields) => JSON.parse(`{${fields.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`));

const usual = fc.record({ key: wildKey(), value: wildText(40) });

/** Numbers at the edges of what is a counter. */
const wildNumber = fc.oneof(
  fc.integer({ min: -1, max: 40 }),
  fc.constantFrom(-0, 0.5, 1e15 - 1, 1e15, 2 ** 53 - 1, 2 ** 53, 1e308, -1e308),
);

const wildSettle = fc.record({ upTo: wildNumber });

const few = <T>(of: fc.Arbitrary<T>) => fc.array(fc.oneof({ arbitrary: of, weight: 30 }, scalar), { maxLength: 4 });
const wildCondition = fc.record(
  { key: wildKey(), revision: fc.nat(9), absent: fc.constant(true), equals: wildText(3) },
  { requiredKeys: ["key"] },
);
const wildStep = fc.oneof(
  fc.record({ get: wildKey() }),
  fc.record({ put: wildKey(), value: wildText(40) }),
  fc.record({ delete: wildKey() }),
);

/** Requests about several keys; by chance these would hardly ever be right. */
const wildSeveral = fc.oneof(
  fc.tuple(fc.constant("read"), fc.record({ keys: few(wildKey()) })),
  fc.tuple(
    fc.constant("write"),
    fc.record({ puts: few(usual), deletes: few(wildKey()), if: few(wildCondition) }, { requiredKeys: [] }),
  ),
  fc.tuple(
    fc.constant("transact"),
    fc.record({ if: few(wildCondition), then: few(wildStep), else: few(wildStep) }, { requiredKeys: ["then"] }),
  ),
);

/** One request of a batch, or nearly one: a counter where it has none, too short, too long, or something else. */
export const wildPart: fc.Arbitrary<unknown> = fc.oneof(
  {
    arbitrary: fc.tuple(
      fc.oneof({ arbitrary: fc.constantFrom("get", "put", "delete", "list", "status"), weight: 4 }, wildName),
      fc.oneof(nearlyRight, usual),
    ),
    weight: 4,
  },
  { arbitrary: fc.tuple(fc.constantFrom("put", "delete", "get"), usual, wildNumber), weight: 2 },
  { arbitrary: fc.tuple(fc.constant("settle"), wildSettle), weight: 1 },
  { arbitrary: wildSeveral, weight: 2 },
  { arbitrary: fc.array(fc.oneof(wildName, nearlyRight, wildNumber), { maxLength: 4 }), weight: 1 },
  { arbitrary: scalar, weight: 1 },
);

const wildBatch = fc.record({
  batch: fc.oneof({ arbitrary: fc.nat(9), weight: 4 }, { arbitrary: wildNumber, weight: 1 }),
  requests: fc.oneof(
    { arbitrary: fc.array(wildPart, { maxLength: 12 }), weight: 8 },
    { arbitrary: fc.constantFrom(1024, 1025).map((count) => Array(count).fill(["get", { key: "a" }])), weight: 1 },
    { arbitrary: scalar, weight: 1 },
  ),
});

/** What JSON can carry as a payload, most of it nearly a request. */
export const wildPayload: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: nearlyRight, weight: 6 },
  { arbitrary: usual, weight: 3 },
  { arbitrary: fc.jsonValue({ maxDepth: 4 }), weight: 2 },
  { arbitrary: scalar, weight: 1 },
);

/** A payload with bytes where text is due, as Socket.IO's binary events bring it. */
export const binaryPayload: fc.Arbitrary<unknown> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ key: Buffer.from(bytes), value: "a" })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ key: "a", value: [Buffer.from(bytes)] })),
);

/** One or no payload, rarely several. */
export const wildPayloads = fc.oneof(
  {
    arbitrary: fc.tuple(fc.oneof({ arbitrary: wildPayload, weight: 9 }, { arbitrary: binaryPayload, weight: 1 })),
    weight: 8,
  },
  { arbitrary: fc.array(wildPayload, { maxLength: 3 }), weight: 2 },
);

/** A request by its name and payloads; batches and what goes with them are nearly right, or they would not be run. */
export const wildEvent: fc.Arbitrary<{ name: unknown; payloads: unknown[] }> = fc.oneof(
  { arbitrary: fc.record({ name: wildName, payloads: wildPayloads }), weight: 8 },
  { arbitrary: fc.record({ name: fc.constant("batch"), payloads: fc.tuple(wildBatch) }), weight: 2 },
  { arbitrary: wildSeveral.map(([name, payload]) => ({ name, payloads: [payload] })), weight: 3 },
  { arbitrary: fc.record({ name: fc.constant("settle"), payloads: fc.tuple(wildSettle) }), weight: 1 },
);

/** How many runs a fuzz test makes; `KEYROOM_FUZZ_RUNS` for more. */
export function fuzzRuns(usual: number): number {
  return Number(process.env["KEYROOM_FUZZ_RUNS"] ?? usual);
}
