/** The man page of `keyroom`, from the tables of the command line. */
import type { CommandSpec } from "../client/cli/command.ts";
import { COMMANDS, isCommand } from "../client/cli/commands.ts";
import { EXAMPLES, examplesOf, optionRows } from "../client/cli/help.ts";
import type { Topic } from "../client/cli/local-arguments.ts";
import { LOCAL } from "../client/cli/local-commands.ts";
import { ENVIRONMENT, MANUAL } from "../client/cli/manual.ts";
import { OPTIONS } from "../client/cli/options.ts";
import { EXIT_MEANINGS } from "../client/terminal/exit-codes.ts";

/** In roff, with the man macros. */
export function manPage(): string {
  const topics = [...Object.keys(COMMANDS), ...Object.keys(LOCAL)] as Topic[];
  return [
    '.\\" Written by `npm run docs`; the text is in client/cli/.',
    ".TH KEYROOM 1",
    section("NAME", "keyroom \\- a live key-value store: menu and commands"),
    section(
      "SYNOPSIS",
      [
        synopsis("[OPTIONS] [HOST PORT]"),
        synopsis("[OPTIONS] HOST PORT COMMAND..."),
        synopsis("[OPTIONS] HOST PORT --lines"),
        synopsis("--profile NAME [COMMAND...]"),
      ].join("\n.br\n"),
    ),
    section(
      "DESCRIPTION",
      text(
        "Every user of a Keyroom server owns a room of keys. A guest works in its own room; a manager may also read, change and follow the rooms of others. Without a COMMAND it is a menu, for a terminal. With commands it runs them in order, each with its own words, and ends; the first that fails ends the sequence.",
      ),
    ),
    section("COMMANDS", topics.filter(isCommand).map(command).join("\n")),
    section(
      "COMMANDS WITHOUT A SERVER BEFORE THEM",
      topics
        .filter((topic) => !isCommand(topic))
        .map(command)
        .join("\n"),
    ),
    section(
      "OPTIONS",
      [
        text("They stand before HOST or between commands."),
        ...optionRows(Object.keys(OPTIONS)).map(([name, help]) => entry(name, sentence(help))),
      ].join("\n"),
    ),
    section(
      "ENVIRONMENT",
      Object.entries(ENVIRONMENT)
        .map(([name, what]) => entry(name, sentence(what)))
        .join("\n"),
    ),
    section(
      "EXIT STATUS",
      Object.entries(EXIT_MEANINGS)
        .map(([code, what]) => entry(code, sentence(what)))
        .join("\n"),
    ),
    section("EXAMPLES", example(EXAMPLES)),
    "",
  ].join("\n");
}

function section(title: string, body: string): string {
  return `.SH ${title.includes(" ") ? `"${title}"` : title}\n${body}`;
}

function synopsis(words: string): string {
  return `.B keyroom\n${text(words)}`;
}

function command(topic: Topic): string {
  const { usage }: Pick<CommandSpec, "usage"> = isCommand(topic) ? COMMANDS[topic] : LOCAL[topic];
  // What is indented belongs to the line before it.
  const ways = Object.keys(usage).join("\n").replaceAll("\n  ", " ").split("\n");
  const written = ways.map((way) => `.B ${escaped(way)}`).join("\n.br\n");
  const about = MANUAL[topic].about.map((paragraph) => `.IP\n${text(paragraph)}`).join("\n");
  return `.PP\n${written}\n${about}\n.RS\n${example(examplesOf(topic))}\n.RE`;
}

function entry(name: string, what: string): string {
  return `.TP\n.B ${escaped(name)}\n${text(what)}`;
}

function example(lines: readonly string[]): string {
  return [".PP", ".nf", ...lines.map(text), ".fi"].join("\n");
}

function sentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
}

/** A line of text: one that begins with a dot or a quote would be taken for a request. */
function text(line: string): string {
  return escaped(line).replace(/^(?=[.'])/, "\\&");
}

function escaped(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll('"', "\\(dq");
}
