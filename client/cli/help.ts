import { EXIT_MEANINGS } from "../terminal/exit-codes.ts";
import { COMMANDS } from "./commands.ts";
import { OPTIONS } from "./options.ts";

/** Columns of the first column of each table. */
const INDENT = 26;
/** Columns in all, as the narrowest usual terminal has. */
const WIDTH = 80;

/** The text of `--help`. */
export function helpText(): string {
  const commands = Object.values(COMMANDS).flatMap(({ usage }) => Object.entries(usage));
  const options = Object.entries(OPTIONS).map(([name, option]): [string, string] => [
    "value" in option ? `${name} ${option.value}` : name,
    option.help,
  ]);
  const exits = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `${code} ${meaning}`);
  return `Keyroom, a live key-value store. Every user owns a room of keys.

Usage:
  keyroom [OPTIONS]                            the menu: asks for all it needs
  keyroom [OPTIONS] HOST PORT                  the menu, on that server
  keyroom [OPTIONS] HOST PORT --lines          a prompt, and commands by line
  keyroom [OPTIONS] HOST PORT COMMAND...       runs the commands and ends
  keyroom --profile NAME [COMMAND...]          the same, on a server with a name
  keyroom profile add NAME HOST PORT           gives it one, with the --user,
                                               --room, --tls and --ca behind it
  keyroom profile list                         prints them
  keyroom profile remove NAME                  forgets one

Commands (any number, each takes its own words):
${table(commands)}

Options (before HOST or between commands):
${table(options)}

Examples:
  keyroom 127.0.0.1 3000 put city Kolkata get city
  keyroom --user alice 127.0.0.1 3000 list --prefix user: get user:1
  keyroom --user boss 127.0.0.1 3000 get city --room alice
  date | keyroom 127.0.0.1 3000 put now --from -

A sequence stops at its first error and ends with that error's exit code:
${fill(exits)}
`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([left, right]) => `  ${left.padEnd(INDENT)}${right}`).join("\n");
}

/** The parts, separated by commas, in lines no longer than the width. */
function fill(parts: readonly string[]): string {
  const lines: string[] = [];
  let line = " ";
  parts.forEach((part, index) => {
    const piece = ` ${part}${index < parts.length - 1 ? "," : "."}`;
    if (line.length + piece.length > WIDTH) {
      lines.push(line);
      line = " ";
    }
    line += piece;
  });
  return [...lines, line].join("\n");
}
