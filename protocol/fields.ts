/**
 * The fields that answers and pushes are made of. Of what a server says, clients check no more than the types: whoever
 * could not trust it with a number's range could trust it with nothing.
 */
import * as v from "valibot";

export const Role = v.union([v.literal("guest"), v.literal("manager")]);
/** 0 is the revision of an empty room, and as a condition "the key must not exist". */
export const Revision = v.number();
/** Milliseconds since 1970. */
export const Timestamp = v.number();
export const Count = v.number();

/** A place in a room's log. Opaque to clients: sent back as it came, with what a newer server may have put into it. */
export const Position = v.looseObject({
  epoch: v.string(),
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

/** What a commit made of one key. */
export const KeyChange = v.object({
  revision: Revision,
  at: Timestamp,
  by: v.string(),
  /** Null where the key was deleted. */
  value: v.nullable(v.string()),
});

export type Change = Readonly<v.InferOutput<typeof Change>>;
export type KeyChange = Readonly<v.InferOutput<typeof KeyChange>>;
export type Role = v.InferOutput<typeof Role>;
export type Position = Readonly<Pick<v.InferOutput<typeof Position>, "epoch" | "revision" | "tag">>;
export type Entry = Readonly<v.InferOutput<typeof Entry>>;
