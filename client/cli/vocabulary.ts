/** What the shells complete, read from the tables of this folder. */
import { BEHIND } from "./behind.ts";
import type { CommandSpec } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { LOCAL, SHELLS } from "./local-commands.ts";
import { OPTIONS } from "./options.ts";

/** What the next word is: nothing that can be completed, or a file, where an option takes one. */
type Takes = "nothing" | "file" | "word";

export interface OptionWords {
  readonly name: string;
  readonly help: string;
  readonly takes: Takes;
}

export interface CommandWords {
  readonly name: string;
  readonly help: string;
  /** Words that it takes in any case. */
  readonly words: number;
  /** Whether any number of further words may follow. */
  readonly rest: boolean;
  /** Whether a file may follow. */
  readonly file: boolean;
  /** Whether its last word may be `--from FILE` instead. */
  readonly from: boolean;
  /** What may stand behind it alone. */
  readonly options: readonly string[];
}

/** All that is completed. */
export interface Vocabulary {
  readonly commands: readonly CommandWords[];
  readonly local: readonly Pick<CommandWords, "name" | "help">[];
  readonly profile: readonly string[];
  readonly shells: readonly string[];
  readonly options: readonly OptionWords[];
  /** Those that stand behind a command only. */
  readonly behind: readonly Omit<OptionWords, "help">[];
}

export function vocabulary(): Vocabulary {
  return {
    commands: Object.entries(COMMANDS).map(([name, spec]) => commandWords(name, spec)),
    local: Object.entries(LOCAL).map(([name, { usage }]) => ({ name, help: Object.values(usage)[0] ?? "" })),
    profile: Object.keys(LOCAL.profile.usage).map((usage) => usage.split(" ")[1] ?? ""),
    shells: SHELLS,
    options: Object.entries(OPTIONS).map(([name, option]) => ({
      name,
      help: option.help,
      takes: takes("value" in option ? option.value : undefined),
    })),
    behind: Object.entries(BEHIND).map(([name, value]) => ({ name, takes: takes(value) })),
  };
}

function takes(value: string | undefined): Takes {
  if (value === undefined) return "nothing";
  return value === "FILE" ? "file" : "word";
}

/** Read from how it is written: `put KEY VALUE`, `export [FILE]`, `read KEY...`. */
function commandWords(name: string, { usage, options }: CommandSpec): CommandWords {
  const [[written = "", help = ""] = [], ...others] = Object.entries(usage);
  const words = written.split(" ").slice(1);
  return {
    name,
    help,
    words: wordsBefore(words),
    rest: words.some((word) => word.endsWith("...")),
    file: words.includes("[FILE]"),
    from: others.some(([other]) => other.endsWith(" --from FILE")),
    options,
  };
}

/** How many it takes before anything that it need not have. */
function wordsBefore(words: readonly string[]): number {
  const end = words.findIndex((word) => !/^[A-Z]+(\.\.\.)?$/.test(word));
  return end < 0 ? words.length : end;
}
