import { expect, test } from "@jest/globals";
import { parseArguments } from "../../client/cli/arguments.ts";
import { COMMANDS } from "../../client/cli/commands.ts";
import { UsageError } from "../../client/cli/errors.ts";
import { helpText, topicText } from "../../client/cli/help.ts";
import { LOCAL } from "../../client/cli/local-commands.ts";
import { MANUAL } from "../../client/cli/manual.ts";
import { OPTIONS } from "../../client/cli/options.ts";
import { EXIT_MEANINGS, EXIT_OF_ERROR } from "../../client/terminal/exit-codes.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";

const COMMANDS_AND_LOCAL = { ...COMMANDS, ...LOCAL };

test.each([30, 40, 72, 80, 200, 0, undefined])("the help fits %s columns and leaves nothing out", (columns) => {
  const help = helpText(columns);
  const width = columns === undefined || columns === 0 ? 80 : Math.min(columns, 80);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  const text = flat(help);
  for (const [usage, what] of Object.values(COMMANDS_AND_LOCAL).flatMap((it) => Object.entries(it.usage)))
    expect(text).toContain(flat(`${usage} ${what}`));
  for (const [option, { help: what }] of Object.entries(OPTIONS)) {
    expect(text).toContain(`${option} `);
    expect(text).toContain(flat(what));
  }
  for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) expect(text).toContain(`${code} ${meaning}`);
});

test.each(Object.keys(MANUAL) as (keyof typeof MANUAL)[])("help %s fits 40 columns and 80, and says all", (topic) => {
  for (const columns of [40, 80]) {
    const help = topicText(topic, columns);
    for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    for (const part of [...MANUAL[topic].about, ...MANUAL[topic].examples]) expect(flat(help)).toContain(flat(part));
  }
});

test("what is shown as an example is a command line", () => {
  for (const [topic, { examples }] of Object.entries(MANUAL)) {
    for (const example of examples) {
      const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      const isLocal = Object.hasOwn(LOCAL, topic);
      if (words[0] !== "--profile") parseArguments([...(isLocal ? [] : ["127.0.0.1", "3000"]), ...words], {});
    }
  }
});

test.each([
  [["help"], {}],
  [["help", "watch"], { topic: "watch" }],
  [["help", "doctor"], { topic: "doctor" }],
  [["--json", "help", "put"], { topic: "put" }],
  [["get", "--help"], { topic: "get" }],
  [["doctor", "-h"], { topic: "doctor" }],
  [["profile", "add", "--help"], { topic: "profile" }],
  [["127.0.0.1", "3000", "get", "a", "watch", "--help"], { topic: "watch" }],
  [["127.0.0.1", "3000", "--help"], {}],
])("%j asks for help", (args, asked) => {
  expect(parseArguments(args, {})).toEqual({ kind: "help", ...asked });
});

test.each([
  [["help", "gte"], /no command "gte"\. Did you mean get\?/],
  [["help", "get", "put"], /help takes one word, not also "put"/],
  [["completion"], /completion bash, zsh or fish/],
  [["completion", "tcsh"], /completion bash, zsh or fish/],
  [["doctor"], /doctor needs a server/],
  [["doctor", "localhost", "3000", "get"], /nothing more, not "get"/],
  [["get", "city"], /get stands behind a server: keyroom HOST PORT get KEY\./],
  [["get"], /get stands behind a server/],
  [["doctro", "localhost", "3000"], /"localhost" is no PORT\. Did you mean doctor\?/],
  [["127.0.0.1", "3000", "doctor"], /doctor stands before a server, not behind it: keyroom doctor HOST PORT\.$/],
])("%j is a usage error", (args, sentence) => {
  expect(() => parseArguments(args, {})).toThrow(UsageError);
  expect(() => parseArguments(args, {})).toThrow(sentence);
});

test("a host may be called like a command: behind it stands a port", () => {
  for (const host of ["help", "doctor", "completion", "get"]) {
    expect(parseArguments([host, "3000", "whoami"], {})).toMatchObject({ url: `http://${host}:3000` });
  }
});

function flat(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

test("every error code ends the process with a failure that the help explains", () => {
  expect(Object.keys(EXIT_OF_ERROR).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  for (const exit of Object.values(EXIT_OF_ERROR)) {
    expect(exit).toBeGreaterThan(0);
    expect(EXIT_MEANINGS[exit]).toBeDefined();
  }
});
