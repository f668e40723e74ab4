/** Every code an error can have, and whether the same request may succeed when tried again unchanged; see ERROR_MEANINGS. */
export const ERROR_CODES = {
  invalid: false,
  unauthenticated: false,
  forbidden: false,
  name_taken: false,
  not_found: false,
  conflict: false,
  locked: true,
  stale_fence: false,
  too_large: false,
  quota: false,
  rate_limited: true,
  future_position: false,
  unavailable: true,
  timeout: true,
  unknown_outcome: false,
  unsupported: false,
  internal: false,
} as const satisfies Record<string, boolean>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The first condition that did not hold, and what was there. */
export interface Conflict {
  /** Its place among the conditions, from 0. */
  readonly condition: number;
  /** Of the entry that was found; both are 0 where there was none. */
  readonly revision: number;
  readonly version: number;
}

/** Somebody who holds a lock, or waits for one and came first. */
export interface LockHolder {
  readonly key: string;
  /** `shared` or `exclusive`. */
  readonly mode: string;
  readonly user: string;
  /** Ms since 1970. */
  readonly since: number;
}

/** An error as it travels. */
export interface WireError {
  readonly code: ErrorCode;
  /** A sentence for people: what, why and what to do. */
  readonly message: string;
  readonly retryable: boolean;
  /** With `conflict`, where a condition of this request did not hold; the answer to a repeat does not have it. */
  readonly conflict?: Conflict;
  /** With `locked`, one of those who are in the way. */
  readonly holder?: LockHolder;
}

interface Details {
  readonly op?: string;
  readonly conflict?: Conflict;
  readonly holder?: LockHolder;
}

/** The one error class that Keyroom throws. Its `code` is for programs, its `message` for people. */
export class KeyroomError extends Error {
  override readonly name = "KeyroomError";
  readonly code: ErrorCode;
  /** Id of the write whose outcome is unknown (with `unknown_outcome` only). */
  readonly op?: string;
  /** Which condition did not hold (with `conflict` only, and not in the answer to a repeat). */
  readonly conflict?: Conflict;
  /** Who is in the way (with `locked` only). */
  readonly holder?: LockHolder;

  constructor(code: ErrorCode, message: string, { op, conflict, holder, ...options }: ErrorOptions & Details = {}) {
    super(message, options);
    this.code = code;
    Object.assign(this, op && { op }, conflict && { conflict }, holder && { holder });
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code];
  }

  /** The form in which it travels; `JSON.stringify` uses it too. */
  toJSON(): WireError {
    const { code, message, retryable, conflict, holder } = this;
    return { code, message, retryable, ...(conflict && { conflict }), ...(holder && { holder }) };
  }

  /** Reads what a peer sent; anything that is not an error of ours becomes `internal`. */
  static fromWire(value: unknown): KeyroomError {
    const { code, message, conflict, holder }: { readonly [name: string]: unknown } = Object(value);
    if (!isErrorCode(code)) return unreadable("an error");
    const sentence = typeof message === "string" ? message : code;
    return new KeyroomError(code, sentence, {
      ...(isConflict(conflict) && { conflict }),
      ...(isLockHolder(holder) && { holder }),
    });
  }
}

/** @param what a server sent */
export function unreadable(what: string): KeyroomError {
  return new KeyroomError("internal", `The server sent what this version cannot read: ${what}.`);
}

/** What was thrown, if it is no error of ours, as the `internal` one that it is to others. */
export function asKeyroomError(error: unknown): KeyroomError {
  return error instanceof KeyroomError ? error : new KeyroomError("internal", String(error));
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

function isConflict(value: unknown): value is Conflict {
  const { condition, revision, version }: { [name: string]: unknown } = Object(value);
  return [condition, revision, version].every(Number.isSafeInteger);
}

function isLockHolder(value: unknown): value is LockHolder {
  const { key, mode, user, since }: { [name: string]: unknown } = Object(value);
  return [key, mode, user].every((text) => typeof text === "string") && typeof since === "number";
}
