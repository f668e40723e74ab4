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

/** An error as it travels. */
export interface WireError {
  readonly code: ErrorCode;
  /** A sentence for people: what, why and what to do. */
  readonly message: string;
  readonly retryable: boolean;
  /** With `conflict`, where a condition of this request did not hold; the answer to a repeat does not have it. */
  readonly conflict?: Conflict;
}

/** The one error class that Keyroom throws. Its `code` is for programs, its `message` for people. */
export class KeyroomError extends Error {
  override readonly name = "KeyroomError";
  readonly code: ErrorCode;
  /** Id of the write whose outcome is unknown (with `unknown_outcome` only). */
  readonly op?: string;
  /** Which condition did not hold (with `conflict` only, and not in the answer to a repeat). */
  readonly conflict?: Conflict;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { op?: string; conflict?: Conflict }) {
    super(message, options);
    this.code = code;
    if (options?.op !== undefined) this.op = options.op;
    if (options?.conflict !== undefined) this.conflict = options.conflict;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code];
  }

  /** The form in which it travels; `JSON.stringify` uses it too. */
  toJSON(): WireError {
    const { code, message, retryable, conflict } = this;
    return conflict === undefined ? { code, message, retryable } : { code, message, retryable, conflict };
  }

  /** Reads what a peer sent; anything that is not an error of ours becomes `internal`. */
  static fromWire(value: unknown): KeyroomError {
    const { code, message, conflict }: { readonly [name: string]: unknown } = Object(value);
    if (!isErrorCode(code)) return unreadable("an error");
    const sentence = typeof message === "string" ? message : code;
    return new KeyroomError(code, sentence, isConflict(conflict) ? { conflict } : {});
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
