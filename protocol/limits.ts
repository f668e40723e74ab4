const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Limits fixed by the contract: both sides refuse what is beyond them. */
export const FIXED_LIMITS = {
  /** Characters (UTF-16 code units) of a user name. */
  nameCharacters: 64,
  /** UTF-8 bytes of a password or passphrase. */
  passwordBytes: KiB,
  /** UTF-8 bytes of a key. */
  keyBytes: 512,
  /** UTF-8 bytes of a value. */
  valueBytes: MiB,
  /** Bytes of one message on the wire. */
  frameBytes: 4 * MiB,
  /** Bytes of one answer; `list` answers in pages of at most this. */
  pageBytes: MiB,
  /** Entries or rooms in one answer. */
  pageEntries: 1000,
  /** Requests of one session that may be unanswered at once; the server remembers at least as many outcomes. */
  inFlight: 4096,
} as const;

/** Requests in one `batch`; part of the version, and so not announced. */
export const BATCH_REQUESTS = 1024;

/** Keys, conditions or steps in one list of a request; likewise. */
export const LIST_ITEMS = 1024;

/** The longest that a request may wait for locks; likewise. */
export const MAX_WAIT_MS = 60_000;

/** The longest lifetime of a value or a lock: a leap year; likewise. */
export const MAX_LIFE_MS = 366 * 24 * 3_600_000;

/** Limits a server may be started with; what it uses is announced in `session`. */
export const DEFAULT_LIMITS = {
  /** Keys in one room. */
  roomKeys: 10_000,
  /** UTF-8 bytes of all keys and values in one room. */
  roomBytes: 64 * MiB,
  /** Records in one room's change log. */
  logRecords: 65_536,
  /** Estimated bytes of one room's change log. */
  logBytes: 16 * MiB,
  /** Estimated bytes of all rooms and logs together. */
  totalBytes: GiB,
} as const;

export type FixedLimits = { readonly [K in keyof typeof FIXED_LIMITS]: number };
export type RoomLimits = { readonly [K in keyof typeof DEFAULT_LIMITS]: number };

/** All limits, as announced in the `session` push. */
export type Limits = FixedLimits & RoomLimits;
