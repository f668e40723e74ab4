import { KeyroomError, unreadable } from "../../protocol/errors.ts";

/** The value of an acknowledgement. @throws KeyroomError as it was answered, or `internal` */
export function readAnswer(name: string, answer: unknown): unknown {
  const { ok, value, error }: { readonly [name: string]: unknown } = Object(answer);
  if (ok === true && value !== undefined) return value;
  if (ok === false && error !== undefined) throw KeyroomError.fromWire(error);
  throw unreadable(`the answer to ${name}`);
}
