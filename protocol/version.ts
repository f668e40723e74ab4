/** Version of the contract in this folder. A test fails when the contract changes and this number does not. */
export const PROTOCOL_VERSION = 3;

/** The oldest version a peer may speak. */
export const PROTOCOL_MINIMUM = 1;

/** What each version brought, in a line. */
export const PROTOCOL_HISTORY: Readonly<Record<number, string>> = {
  1: "Sessions, rooms, entries with revisions, operation ids, accounts and roles.",
  2: "Watches: of a room, a key, a prefix or all rooms, with snapshots, resuming and gaps.",
  3: "Batches; puts in columns. Several keys at once, with conditions. The history of a key. The end of a watch says why.",
};
