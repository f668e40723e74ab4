/** The fields that requests, answers and pushes are made of. */
import * as v from "valibot";
import type { ErrorCode } from "./errors.ts";
import { FIXED_LIMITS } from "./limits.ts";
import { fitsUtf8 } from "./text.ts";

/** Names that no user can have: the room of the JSON door, the author of expiries, and "all rooms". */
export const RESERVED_NAMES: readonly string[] = ["shared", "system", "*"];

/**
 * A rule that is broken with a sentence and, where it is not `invalid`, a code of its own. The code travels on the
 * rule itself, which is what the parser finds in an issue.
 */
function rule<T>(holds: (value: T) => boolean, sentence: string, code: ErrorCode = "invalid") {
  return v.check<T, string>(
    Object.assign((value: T) => holds(value), { code }),
    sentence,
  );
}

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

export const Role = v.picklist(["guest", "manager"]);
/** 0 is the revision of an empty room, and as a condition "the key must not exist". */
export const Revision = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Milliseconds since 1970. */
export const Timestamp = v.number();
export const Count = v.pipe(v.number(), v.safeInteger());

const CLIENT_ID = "[A-Za-z0-9_-]{22}";
const ONE_CLIENT_ID = new RegExp(`^${CLIENT_ID}$`);
/** 128 random bits in base64url, issued by the server. */
export const ClientId = v.pipe(
  v.string(),
  rule((s) => ONE_CLIENT_ID.test(s), "The client id is not one that a server issues."),
);
const OPERATION_ID = new RegExp(`^${CLIENT_ID}:[1-9][0-9]{0,14}$`);
/** `CLIENT:COUNTER`: a session's client id and a number that rises with each write. */
export const OperationId = v.pipe(
  v.string(),
  rule((s) => OPERATION_ID.test(s), 'An operation id is "CLIENT:COUNTER", the counter a whole number from 1.'),
);

/** A place in a room's log. Opaque to clients: sent back as it came, with what a newer server may have put into it. */
export const Position = v.looseObject({
  epoch: v.pipe(v.string(), v.maxLength(64)),
  revision: Revision,
  tag: Count,
});

export const Entry = v.object({
  key: v.string(),
  value: v.string(),
  /** Of the commit that changed it last. */
  revision: Revision,
  /** Changes since it was created, which was 1. */
  version: Count,
  updatedAt: Timestamp,
  updatedBy: v.string(),
});

/** One commit as watchers see it: of its keys, those that the watch is for. */
export const Change = v.object({
  revision: Revision,
  /** With the watch's epoch and the revision, the position after this change. */
  tag: Count,
  at: Timestamp,
  by: v.string(),
  puts: v.array(Entry),
  deletes: v.array(v.string()),
});

export type Change = Readonly<v.InferOutput<typeof Change>>;
export type Role = v.InferOutput<typeof Role>;
export type Position = Readonly<Pick<v.InferOutput<typeof Position>, "epoch" | "revision" | "tag">>;
export type Entry = Readonly<v.InferOutput<typeof Entry>>;
