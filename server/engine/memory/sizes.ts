import type { Entry } from "../../../protocol/fields.ts";

/** What an entry or a record costs beside its texts; estimated from heap snapshots, on the high side. */
export const OVERHEAD_BYTES = 256;

/** UTF-8 bytes of the key and the value: what the room limit counts. */
export function textBytes(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}

/** Estimated bytes that an entry takes in memory: what the total counts. */
export function entryBytes(entry: Entry): number {
  return textBytes(entry.key, entry.value) + OVERHEAD_BYTES;
}
