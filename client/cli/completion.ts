/** `completion`: scripts that make a shell complete commands, options and files. */
import { fishScript } from "./completion-fish.ts";
import { bashScript, zshScript } from "./completion-posix.ts";
import type { Shell } from "./local-commands.ts";
import { vocabulary } from "./vocabulary.ts";

export function completionScript(shell: Shell): string {
  const words = vocabulary();
  switch (shell) {
    case "bash":
      return bashScript(words);
    case "zsh":
      return zshScript(words);
    case "fish":
      return fishScript(words);
  }
}
