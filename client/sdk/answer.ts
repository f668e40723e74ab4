import { KeyroomError, unreadable } from "../../protocol/errors.ts";

/** The value of an acknowledgement. @throws KeyroomError as it was answered, or `internal` */
export function readAnswer(name: string, answer: unknown): unknown {
  const { ok, value, error }: { readonly [name: string]: unknown } = Object(answer);
  if (ok === true && value !== undefined) return value;
  if (ok === false && error !== undefined) throw KeyroomError.fromWire(error);
  throw unreadable(`the answer to ${name}`);
}

/** The answers to a batch one by one, also those that came as a series. What they say is looked at one by one. */
export function eachAnswer(answers: readonly unknown[]): readonly unknown[] {
  return answers.flatMap((answer) => {
    const { revision, versions }: { readonly [name: string]: unknown } = Object(answer);
    if (!Array.isArray(versions)) return [answer];
    return versions.map((version, i) => ({ ok: true, value: { revision: Number(revision) + i, version } }));
  });
}
