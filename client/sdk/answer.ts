import { KeyroomError } from "../../protocol/errors.ts";

/** The value of an acknowledgement. @throws KeyroomError as it was answered, or `internal` */
export function readAnswer(name: string, answer: unknown): unknown {
  if (typeof answer === "object" && answer !== null && "ok" in answer) {
    if (answer.ok === true && "value" in answer) return answer.value;
    if (answer.ok === false && "error" in answer) throw KeyroomError.fromWire(answer.error);
  }
  throw new KeyroomError("internal", `The answer to ${name} cannot be read.`);
}
