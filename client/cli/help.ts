import { EXIT_MEANINGS } from "../terminal/exit-codes.ts";
import { flow, pad, widthOf } from "../terminal/fit.ts";
import { BEHIND } from "./behind.ts";
import type { CommandSpec } from "./command.ts";
import { COMMANDS, isCommand } from "./commands.ts";
import type { Topic } from "./local-arguments.ts";
import { LOCAL } from "./local-commands.ts";
import { MANUAL } from "./manual.ts";
import { OPTIONS } from "./options.ts";

/** A screen narrower than this has both columns below each other. */
const NARROW = 72;
/** No line is longer, however wide the screen. */
const WIDEST = 80;

type Row = readonly [left: string, right: string];

/**
 * The text of `--help`.
 * @param columns of the screen; some terminals do not know theirs
 */
export function helpText(columns: number | undefined): string {
  const width = widthFor(columns);
  const exits = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `${code} ${meaning}`);
  return sections(width, [
    ["Keyroom, a live key-value store. Every user owns a room of keys."],
    [
      "Usage:",
      ...table(width, [
        ["keyroom", "the menu: asks for all it needs"],
        ["keyroom HOST PORT", "the menu, on that server"],
        ["keyroom HOST PORT --lines", "a prompt, and commands by line"],
        ["keyroom HOST PORT COMMAND...", "runs the commands and ends"],
        ["keyroom --profile NAME ...", "a kept server in HOST PORT's place"],
      ]),
    ],
    ["Commands (any number, each takes its own words):", ...table(width, Object.values(COMMANDS).flatMap(usageOf))],
    ["Commands without a server before them:", ...table(width, Object.values(LOCAL).flatMap(usageOf))],
    ["Options (before HOST or between commands):", ...table(width, optionRows(Object.keys(OPTIONS)))],
    ["Examples:", ...EXAMPLES.map((line) => `  ${line}`)],
    [
      "A sequence stops at its first error and ends with that error's exit code:",
      ...flow([...exits.slice(0, -1).map((it) => `${it},`), `${exits.at(-1)}.`], " ", width - 2).map((it) => `  ${it}`),
    ],
  ]);
}

export const EXAMPLES: readonly string[] = [
  "keyroom 127.0.0.1 3000 put city Kolkata get city",
  "keyroom --user alice 127.0.0.1 3000 list --prefix user: get user:1",
  "keyroom --user boss 127.0.0.1 3000 get city --room alice",
  "date | keyroom 127.0.0.1 3000 put now --from -",
];

/** The text of `help COMMAND`. */
export function topicText(topic: Topic, columns: number | undefined): string {
  const width = widthFor(columns);
  const spec: Pick<CommandSpec, "usage"> = isCommand(topic) ? COMMANDS[topic] : LOCAL[topic];
  const { about } = MANUAL[topic];
  return sections(width, [
    table(width, usageOf(spec)),
    ...about.map((paragraph) => [paragraph]),
    ...(isCommand(topic) ? [optionsBehind(topic)] : []),
    ["Examples:", ...examplesOf(topic).map((line) => `  ${line}`)],
  ]);
}

function widthFor(columns: number | undefined): number {
  return columns === undefined || columns < 20 ? WIDEST : Math.min(columns, WIDEST);
}

/** As one would type them. */
export function examplesOf(topic: Topic): readonly string[] {
  const before = isCommand(topic) ? "keyroom HOST PORT" : "keyroom";
  return MANUAL[topic].examples.map((example) => `${before} ${example}`);
}

/** Each option of the command line with its value, and what it does. */
export function optionRows(names: readonly string[]): readonly Row[] {
  return Object.entries(OPTIONS)
    .filter(([name]) => names.includes(name))
    .map(([name, option]) => ["value" in option ? `${name} ${option.value}` : name, option.help]);
}

function optionsBehind(topic: keyof typeof COMMANDS): readonly string[] {
  const { inRoom, options }: CommandSpec = COMMANDS[topic];
  const names = [
    ...options.map((name) => [name, BEHIND[name]].join(" ").trimEnd()),
    ...(inRoom ? ["--room USER"] : []),
  ];
  return names.length === 0 ? [] : [`Options behind it: ${names.join(", ")}.`];
}

function usageOf({ usage }: Pick<CommandSpec, "usage">): readonly Row[] {
  return Object.entries(usage);
}

function sections(width: number, all: readonly (readonly string[])[]): string {
  const texts = all.filter((lines) => lines.length > 0).map((lines) => lines.flatMap((line) => wrap(line, width)));
  return `${texts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** In lines of its own where both columns do not fit beside each other. */
function table(width: number, rows: readonly Row[]): readonly string[] {
  const first = Math.max(...rows.map(([left]) => widthOf(left)));
  if (width < NARROW) return rows.flatMap(([left, right]) => [`  ${left.trim()}`, ...wrap(`      ${right}`, width)]);
  return rows.flatMap(([left, right]) =>
    wrap(right, width - first - 4).map((line, i) => `  ${pad(i === 0 ? left : "", first)}  ${line}`),
  );
}

/** Between words; further lines are indented like the first. */
function wrap(text: string, width: number): readonly string[] {
  const indent = /^ */.exec(text)?.[0] ?? "";
  return flow(text.trimStart().split(" "), " ", width - indent.length).map((line) => `${indent}${line}`);
}
