import { KeyroomError } from "../../protocol/errors.ts";
import { isWrite, type RequestName, takesOperationId } from "../../protocol/requests.ts";

/** A request without an answer. */
export interface Waiting {
  readonly name: RequestName;
  readonly payload: Readonly<Record<string, unknown>>;
  /** UTF-16 units of the texts in the payload. */
  readonly size: number;
  /** Ms for which the server may let it wait for locks: then it travels alone. */
  readonly waitMs: number;
  /** Ms, by the clock. */
  readonly deadline: number;
  /** The client id of the session in which it was sent, so that the server may have it; null before. */
  client: string | null;
  /** Of its operation id; 0 without one. */
  counter: number;
  /** How often it was sent. */
  tries: number;
  /** Ms, by the clock: when it was sent last. */
  sentAt: number;
  /** Whether it waits still: neither resolved nor rejected. */
  isOpen: boolean;
  /** With the output of the request of this name, in the turn in which it came. */
  resolve(output: unknown): void;
  reject(error: KeyroomError): void;
}

/** Whether nobody can tell if it happened, should no answer come any more. */
export function isDoubtful({ name, client }: Waiting): boolean {
  return client !== null && isWrite(name);
}

/** The payload as it travels alone. */
export function withOperationId({ payload, client, counter }: Waiting): object {
  return counter === 0 ? payload : { ...payload, op: `${client}:${counter}` };
}

/** Whether a refusal that came before anything was looked up says nothing of an earlier try, which may have succeeded. */
export function isOpenStill(waiting: Waiting, { retryable, code }: KeyroomError): boolean {
  return ((retryable && code !== "locked") || code === "unauthenticated") && isDoubtful(waiting) && waiting.tries > 1;
}

/**
 * Whether nobody knows after a refusal: it tells of a fault, or is the answer to a repeat that the server could not
 * recognise as one.
 */
export function leavesOpen(waiting: Waiting, { code }: KeyroomError): boolean {
  return isDoubtful(waiting) && (code === "internal" || (waiting.tries > 1 && !takesOperationId(waiting.name)));
}

export function unknownOutcome({ name }: Waiting, why = "It was sent, but its answer never came."): KeyroomError {
  return new KeyroomError("unknown_outcome", `The ${name} may or may not have happened. ${why}`);
}

/** The same error with the id of the write, by which its outcome can be asked for. */
export function naming({ client, counter }: Waiting, { code, message }: KeyroomError): KeyroomError {
  return new KeyroomError(code, message, counter === 0 ? {} : { op: `${client}:${counter}` });
}

export function late({ name, client }: Waiting): KeyroomError {
  return new KeyroomError(
    "timeout",
    `No answer to ${name} in time${client === null ? ": there was no connection" : ""}.`,
  );
}
