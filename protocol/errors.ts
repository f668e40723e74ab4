/** Every code an error can have, and whether the same request may succeed when tried again unchanged. */
export const ERROR_CODES = {
  invalid: { retryable: false, meaning: "The request is malformed; the message says what is wrong with it." },
  unauthenticated: { retryable: false, meaning: "Unknown user, wrong password, or a token that is no longer good." },
  forbidden: { retryable: false, meaning: "This user's role does not allow it." },
  name_taken: { retryable: false, meaning: "Somebody else holds this user name." },
  not_found: { retryable: false, meaning: "There is no such user or room." },
  conflict: { retryable: false, meaning: "A condition did not hold, or another connection took over." },
  locked: { retryable: true, meaning: "Another session holds a lock that is in the way." },
  stale_fence: { retryable: false, meaning: "The fence is not that of the live lock." },
  too_large: { retryable: false, meaning: "A key, value, message or answer is above its limit." },
  quota: { retryable: false, meaning: "A room, the server or a queue is full." },
  rate_limited: { retryable: true, meaning: "Too many attempts or too much at once; try again later." },
  future_position: { retryable: false, meaning: "The position is ahead of the room's log." },
  unavailable: { retryable: true, meaning: "The server cannot be reached or is closing." },
  timeout: { retryable: true, meaning: "No answer in time, and nothing was changed." },
  unknown_outcome: { retryable: false, meaning: "The write was sent and may or may not have happened." },
  unsupported: { retryable: false, meaning: "This server or protocol version does not know the request." },
  internal: { retryable: false, meaning: "A fault in the server; its log has the details." },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error as it travels. */
export interface WireError {
  readonly code: ErrorCode;
  /** A sentence for people: what, why and what to do. */
  readonly message: string;
  readonly retryable: boolean;
}

/** The one error class that Keyroom throws. Its `code` is for programs, its `message` for people. */
export class KeyroomError extends Error {
  override readonly name = "KeyroomError";
  readonly code: ErrorCode;
  /** Id of the write whose outcome is unknown (with `unknown_outcome` only). */
  readonly op?: string;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { op?: string }) {
    super(message, options);
    this.code = code;
    if (options?.op !== undefined) this.op = options.op;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  /** The form in which it travels; `JSON.stringify` uses it too. */
  toJSON(): WireError {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }

  /** Reads what a peer sent; anything that is not an error of ours becomes `internal`. */
  static fromWire(value: unknown): KeyroomError {
    if (typeof value === "object" && value !== null && "code" in value && isErrorCode(value.code)) {
      const message = "message" in value && typeof value.message === "string" ? value.message : value.code;
      return new KeyroomError(value.code, message);
    }
    return new KeyroomError("internal", "The other side sent an error that this version cannot read.");
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}
