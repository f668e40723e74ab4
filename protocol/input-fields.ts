/** The fields that requests and the handshake are made of: what a client sends is checked in full. */
import * as v from "valibot";
import type { ErrorCode } from "./errors.ts";
import { FIXED_LIMITS, MAX_LIFE_MS, MAX_WAIT_MS } from "./limits.ts";
import { fitsUtf8 } from "./text.ts";

/**
 * A rule that is broken with a sentence and, where it is not `invalid`, a code of its own. The code travels on the
 * rule itself, which is what the parser finds in an issue.
 */
export function rule<T>(holds: (value: T) => boolean, sentence: string, code: ErrorCode = "invalid") {
  return v.check<T, string>(
    Object.assign((value: T) => holds(value), { code }),
    sentence,
  );
}

/** A whole number. */
export const CountInput = v.pipe(v.number(), v.safeInteger());
/** 0 as a condition is "the key must not exist". */
export const RevisionInput = v.pipe(CountInput, v.minValue(0));
export const LockModeInput = v.picklist(["shared", "exclusive"]);
/** Ms to wait for locks that others hold. */
export const WaitMs = v.pipe(CountInput, v.minValue(0), v.maxValue(MAX_WAIT_MS));
/** Ms that something stays. */
export const LifeMs = v.pipe(CountInput, v.minValue(1), v.maxValue(MAX_LIFE_MS));
/** Of a grant, as the server told it. */
export const Fence = v.pipe(CountInput, v.minValue(1));

/** A place in a room's log, as the server told it, with whatever else that has put into it. */
export const PositionInput = v.looseObject({
  epoch: v.pipe(v.string(), v.maxLength(64)),
  revision: RevisionInput,
  tag: CountInput,
});

/** Names that no user can have: the room of the JSON door, the author of expiries, and "all rooms". */
export const RESERVED_NAMES: readonly string[] = ["shared", "system", "*"];

function text(what: string, maxBytes: number) {
  return v.pipe(
    v.string(),
    rule((s) => fitsUtf8(s, maxBytes), `The ${what} is too long: at most ${maxBytes} bytes of UTF-8.`, "too_large"),
    rule(
      (s) => s.isWellFormed(),
      `The ${what} has half a surrogate pair, which UTF-8 cannot carry. Send well-formed text.`,
    ),
  );
}

export const Key = v.pipe(
  text("key", FIXED_LIMITS.keyBytes),
  rule((s) => s !== "", "The key is empty. Give it at least one character."),
);
export const Prefix = text("prefix", FIXED_LIMITS.keyBytes);
/** The key behind which a page begins. */
export const After = text("key to go on after", FIXED_LIMITS.keyBytes);
export const Value = text("value", FIXED_LIMITS.valueBytes);
export const Password = v.pipe(
  text("password", FIXED_LIMITS.passwordBytes),
  rule((s) => s !== "", "The password is empty."),
);
export const Passphrase = text("passphrase", FIXED_LIMITS.passwordBytes);
/** Opaque; bounded so that nobody can make the server hash megabytes. */
export const Token = text("token", 256);

/** Spaces, controls, and all that shows nothing: two names must not look alike because of it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Default_Ignorable_Code_Point}\s\u2800]/u;

/** A room's name: its owner's, or a reserved one. */
export const RoomName = v.pipe(
  v.string(),
  rule((s) => s !== "", "The name is empty."),
  rule(
    (s) => s.length <= FIXED_LIMITS.nameCharacters,
    `The name is too long: at most ${FIXED_LIMITS.nameCharacters} characters.`,
  ),
  rule((s) => !UNPRINTABLE.test(s), "A name has no spaces, control characters or invisible marks. Choose another."),
);
export const UserName = v.pipe(
  RoomName,
  rule(
    (s) => !RESERVED_NAMES.includes(s),
    `A user cannot be called ${RESERVED_NAMES.join(", ")}. Choose another name.`,
  ),
);

const ROOM_POSITIONS = v.record(RoomName, PositionInput);
const CHECKED_POSITIONS = v.custom<v.InferOutput<typeof ROOM_POSITIONS>>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).every(([room, position]) => v.is(RoomName, room) && v.is(PositionInput, position)),
);
/**
 * Room → position. Checked by hand: the library's record drops `constructor` and the like without a word, but users may
 * be called so, and their rooms would begin anew where they should go on.
 */
export const RoomPositions: v.GenericSchema<v.InferOutput<typeof ROOM_POSITIONS>> = {
  ...ROOM_POSITIONS,
  "~run": (dataset, config) => CHECKED_POSITIONS["~run"](dataset, config),
};

const CLIENT_ID = /^[A-Za-z0-9_-]{22}$/;
/** 128 random bits in base64url, issued by the server. */
export const ClientId = v.pipe(
  v.string(),
  rule((s) => CLIENT_ID.test(s), "The client id is not one that a server issues."),
);

const OPERATION_ID = /^[A-Za-z0-9_-]{22}:[1-9][0-9]{0,14}$/;
/** The counter of an operation id that stands by itself. */
export function isCounter(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) < 1e15;
}
/** `CLIENT:COUNTER`: a session's client id and a number that rises with each write. */
export const OperationId = v.pipe(
  v.string(),
  rule((s) => OPERATION_ID.test(s), 'An operation id is "CLIENT:COUNTER", the counter a whole number from 1.'),
);
