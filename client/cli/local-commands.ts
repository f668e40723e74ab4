/** Commands that stand in HOST's place: they run no command on a server. */
import type { CommandSpec } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

export const LOCAL = {
  help: { usage: { "help [COMMAND]": "show this, or more about one command" } },
  doctor: { usage: { "doctor HOST PORT": "find out what is wrong with a connection" } },
  profile: {
    usage: {
      "profile add NAME HOST PORT": "keep a server, with the options behind it",
      "profile list": "print the servers that are kept",
      "profile remove NAME": "forget one",
    },
  },
  completion: { usage: { "completion bash|zsh|fish": "print what makes that shell complete words" } },
} as const satisfies Record<string, Pick<CommandSpec, "usage">>;

export type LocalName = keyof typeof LOCAL;

export function isLocal(word: string | undefined): word is LocalName {
  return word !== undefined && Object.hasOwn(LOCAL, word);
}
