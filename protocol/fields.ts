/**
 * The fields that answers and pushes are made of. Of what a server says, clients check no more than the types: whoever
 * could not trust it with a number's range could trust it with nothing.
 */
import * as s from "./shape.ts";

export const Role = s.union([s.literal("guest"), s.literal("manager")]);
/** 0 is the revision of an empty room, and as a condition "the key must not exist". */
export const Revision = s.number();
/** Milliseconds since 1970. */
export const Timestamp = s.number();
export const Count = s.number();

/** A place in a room's log. Opaque to clients: sent back as it came, with what a newer server may have put into it. */
export const Position = s.looseObject({
  epoch: s.string(),
  revision: Revision,
  tag: Count,
});

export const Entry = s.object({
  key: s.string(),
  value: s.string(),
  /** Of the commit that changed it last. */
  revision: Revision,
  /** Changes since it was created, which was 1. */
  version: Count,
  updatedAt: Timestamp,
  updatedBy: s.string(),
  /** When it is deleted by itself; a `touch` moves that without a change, and so unseen by watchers. */
  expiresAt: s.optional(Timestamp),
  /** It goes with the session that put it. */
  ephemeral: s.optional(s.boolean()),
});

export const LockMode = s.union([s.literal("shared"), s.literal("exclusive")]);

/** A lock that is held. */
export const LockHolding = s.object({
  key: s.string(),
  mode: LockMode,
  user: s.string(),
  since: Timestamp,
  /** Of the last grant. */
  fence: Count,
  /** Whether the session that asks holds it. */
  mine: s.boolean(),
});

/** A request that waits for locks. */
export const LockWait = s.object({
  keys: s.array(s.string()),
  mode: LockMode,
  user: s.string(),
  since: Timestamp,
  /** Users for whom it waits; some, where they are many. */
  behind: s.array(s.string()),
  mine: s.boolean(),
});

/** One commit as watchers see it: of its keys, those that the watch is for. */
export const Change = s.object({
  revision: Revision,
  /** With the watch's epoch and the revision, the position after this change. */
  tag: Count,
  at: Timestamp,
  by: s.string(),
  puts: s.array(Entry),
  deletes: s.array(s.string()),
});

/** What a commit made of one key. */
export const KeyChange = s.object({
  revision: Revision,
  at: Timestamp,
  by: s.string(),
  /** Null where the key was deleted. */
  value: s.nullable(s.string()),
});

export type Change = Readonly<s.Infer<typeof Change>>;
export type KeyChange = Readonly<s.Infer<typeof KeyChange>>;
export type LockMode = s.Infer<typeof LockMode>;
export type LockHolding = Readonly<s.Infer<typeof LockHolding>>;
export type LockWait = Readonly<s.Infer<typeof LockWait>>;
export type Role = s.Infer<typeof Role>;
export type Position = Readonly<s.Infer<typeof Position>>;
export type Entry = Readonly<s.Infer<typeof Entry>>;
