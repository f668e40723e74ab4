/** The fields that requests, answers and pushes are made of. */
import * as z from "zod/mini";
import type { ErrorCode } from "./errors.ts";
import { FIXED_LIMITS } from "./limits.ts";
import { fitsUtf8 } from "./text.ts";

/** Names that no user can have: the room of the JSON door, the author of expiries, and "all rooms". */
export const RESERVED_NAMES: readonly string[] = ["shared", "system", "*"];

/** A check that fails with a sentence and, where it is not `invalid`, a code of its own. */
function rule<T>(holds: (value: T) => boolean, error: string, code: ErrorCode = "invalid") {
  return z.refine<T>(holds, { error, params: { code }, abort: true });
}

function text(what: string, maxBytes: number) {
  return z.string().check(
    rule((s) => fitsUtf8(s, maxBytes), `The ${what} is too long: at most ${maxBytes} bytes of UTF-8.`, "too_large"),
    rule(
      (s) => s.isWellFormed(),
      `The ${what} has half a surrogate pair, which UTF-8 cannot carry. Send well-formed text.`,
    ),
  );
}

export const Key = text("key", FIXED_LIMITS.keyBytes).check(
  rule((s) => s !== "", "The key is empty. Give it at least one character."),
);
export const Prefix = text("prefix", FIXED_LIMITS.keyBytes);
export const Value = text("value", FIXED_LIMITS.valueBytes);
export const Password = text("password", FIXED_LIMITS.passwordBytes).check(
  rule((s) => s !== "", "The password is empty."),
);
export const Passphrase = text("passphrase", FIXED_LIMITS.passwordBytes);
/** Opaque; bounded so that nobody can make the server hash megabytes. */
export const Token = text("token", 256);

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\s]/u;

/** A room's name: its owner's, or a reserved one. */
export const RoomName = z.string().check(
  rule((s) => s !== "", "The name is empty."),
  rule(
    (s) => s.length <= FIXED_LIMITS.nameCharacters,
    `The name is too long: at most ${FIXED_LIMITS.nameCharacters} characters.`,
  ),
  rule((s) => !UNPRINTABLE.test(s), "A name has no spaces, control characters or invisible marks. Choose another."),
);
export const UserName = RoomName.check(
  rule(
    (s) => !RESERVED_NAMES.includes(s),
    `A user cannot be called ${RESERVED_NAMES.join(", ")}. Choose another name.`,
  ),
);

export const Role = z.enum(["guest", "manager"]);
/** 0 is the revision of an empty room, and as a condition "the key must not exist". */
export const Revision = z.int().check(z.minimum(0));
/** Milliseconds since 1970. */
export const Timestamp = z.number();

const CLIENT_ID = "[A-Za-z0-9_-]{22}";
/** 128 random bits in base64url, issued by the server. */
export const ClientId = z
  .string()
  .check(rule((s) => new RegExp(`^${CLIENT_ID}$`).test(s), "The client id is not one that a server issues."));
const OPERATION_ID = new RegExp(`^${CLIENT_ID}:[1-9][0-9]{0,14}$`);
/** `CLIENT:COUNTER`: a session's client id and a number that rises with each write. */
export const OperationId = z
  .string()
  .check(rule((s) => OPERATION_ID.test(s), 'An operation id is "CLIENT:COUNTER", the counter a whole number from 1.'));

/** A place in a room's log. Opaque to clients: sent back as it came. */
export const Position = z.object({ epoch: z.string().check(z.maxLength(64)), revision: Revision, tag: z.int() });

export const Entry = z.object({
  key: z.string(),
  value: z.string(),
  /** Of the commit that changed it last. */
  revision: Revision,
  /** Changes since it was created, which was 1. */
  version: z.int(),
  updatedAt: Timestamp,
  updatedBy: z.string(),
});

export type Role = z.infer<typeof Role>;
export type Position = Readonly<z.infer<typeof Position>>;
export type Entry = Readonly<z.infer<typeof Entry>>;
