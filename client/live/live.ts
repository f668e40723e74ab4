import { Interrupted } from "../terminal/question.ts";
import type { LiveOptions } from "./live-options.ts";
import { LiveScreen } from "./live-screen.ts";
import { runPlain } from "./plain.ts";

export type { LiveOptions } from "./live-options.ts";

/**
 * The live view: rooms and keys as they change, until Esc or q. Until it returns, nobody else may write to the terminal
 * or read its keys.
 * @throws Interrupted, KeyroomError where nothing may be watched, or the reason of `end` once that is aborted
 */
export async function runLive(options: LiveOptions): Promise<void> {
  const { io, end, plain } = options;
  end?.throwIfAborted();
  if (io.input.readableEnded) throw new Interrupted();
  // All rooms take the place of single ones, or changes would be told twice.
  const rooms = options.rooms.includes("*") ? ["*"] : options.rooms;
  if (plain) await runPlain({ ...options, rooms });
  else await new LiveScreen({ ...options, rooms, isUnicode: showsUnicode(process.env) }).run(end);
}

/** The console of Linux has no letters for it, and neither has a terminal of another character set. */
function showsUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((it) => it !== undefined && it !== "");
  return env["TERM"] !== "linux" && (locale === undefined || /utf-?8/i.test(locale));
}
