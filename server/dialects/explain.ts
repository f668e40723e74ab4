import { KeyroomError } from "../../protocol/errors.ts";
import type { Log } from "../domain/log.ts";

/** What a client is told of an error, in one line: where lines are answers, two would be taken for two. */
export function explain(error: unknown, log: Log): string {
  const isKnown = error instanceof KeyroomError;
  if (!isKnown || error.cause !== undefined) log.error({ err: error }, "a request at an older door failed");
  if (!isKnown) return "Something went wrong in the server; its log has the details.";
  return error.message.replaceAll(/\s*[\r\n]+\s*/g, " ");
}
