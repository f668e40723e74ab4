import { KeyroomError } from "../../protocol/errors.ts";
import { EXIT, EXIT_OF_ERROR, type ExitCode } from "../terminal/exit-codes.ts";
import { howToWait } from "../terminal/how-to-wait.ts";
import { LocalError } from "../terminal/local-error.ts";
import { GapError, UsageError } from "./errors.ts";

/** How the process tells that something went wrong. */
export interface Failure {
  readonly exit: ExitCode;
  /** For people; undefined when they interrupted it themselves. */
  readonly sentence: string | undefined;
  /** For `--json`. `code` is one of the protocol, or `local` for trouble on this machine. */
  readonly wire: { readonly code: string; readonly message: string; readonly retryable: boolean; readonly op?: string };
}

export function explain(error: unknown): Failure {
  if (error instanceof KeyroomError) {
    const op = error.op === undefined ? {} : { op: error.op };
    const known = error.op === undefined ? error.code : `${error.code}, operation ${error.op}`;
    return {
      exit: EXIT_OF_ERROR[error.code],
      sentence: `${howToWait(error.message, "Wait for it with --wait TIME")} (${known})`,
      wire: { ...error.toJSON(), ...op },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return local(EXIT.usage, `${message} See keyroom --help.`);
  if (error instanceof GapError) return local(EXIT.gap, message);
  if (error instanceof LocalError) return local(EXIT.error, message);
  // Questions throw it on Ctrl-C. By its name: scripts should not wait for the import.
  if (error instanceof Error && error.name === "Interrupted") return local(EXIT.interrupted, undefined);
  return local(EXIT.error, `This should not happen: ${message}. Please report it.`);
}

function local(exit: ExitCode, sentence: string | undefined): Failure {
  return { exit, sentence, wire: { code: "local", message: sentence ?? "Interrupted.", retryable: false } };
}
