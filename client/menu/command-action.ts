import { shellWords } from "../terminal/shell-words.ts";
import type { Action } from "./action.ts";
import { tell } from "./tone.ts";

/** How a script does what was done last. @param program the words up to the server's port */
export function commandAction(program: readonly string[]): Action {
  return {
    group: "program",
    name: "command",
    key: "c",
    hint: "show the command for what was done last",
    run: async ({ talk, session }) => {
      if (session.command.length === 0) return tell(talk, "Do something first: then its command is shown here.");
      // On a line of its own and never broken, to be copied.
      talk.print(shellWords([...program, ...session.command]));
    },
  };
}
