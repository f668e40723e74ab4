import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  COMMANDS,
  type CommandName,
  CommandReader,
  commandNamed,
  expectedBehind,
  mayBeKept,
  type Slot,
} from "../../client/lines/grammar.ts";
import { asWord, splitWords } from "../../client/lines/words.ts";
import type { Role } from "../../client/sdk/index.ts";
import { freshSeed } from "../support/random.ts";

const isCommand = (text: string): boolean => commandNamed(text) !== undefined;

/** What a line does, in short: `get a/city`, `!` for a mistake with its sentence. */
function readsAs(line: string, role: Role): string[] {
  const reader = new CommandReader(splitWords(line).words);
  const read: string[] = [];
  for (let it = reader.take(role); it !== undefined; it = reader.take(role)) {
    if (it.kind === "mistake") read.push(`! ${it.sentence}`);
    else if (it.keys.length > 1) read.push(`${it.name} keys=${it.keys.join(",")}`);
    else read.push([it.name, ...Object.entries(it.words).map(([slot, word]) => `${slot}=${word}`)].join(" "));
  }
  return read;
}

describe("words", () => {
  test.each([
    ["a  b\tc", ["a", "b", "c"]],
    ['put "a key" \'a "value"\'', ["put", "a key", 'a "value"']],
    ['"a \\"b\\" \\\\ \\n"', ['a "b" \\ \\n']],
    ["don't C:\\dir", ["don't", "C:\\dir"]],
    ["\"\" ''", ["", ""]],
    ['"a b"c', ["a bc"]],
    ["   ", []],
  ])("%j", (line, words) => {
    const split = splitWords(line);
    expect(split.words.map(({ text }) => text)).toEqual(words);
    expect(split.open).toBeNull();
  });

  test.each([
    ['put a "b c', '"', ["put", "a", "b c"]],
    ["put a 'b", "'", ["put", "a", "b"]],
    ['get "a\\"', '"', ["get", 'a"']],
  ])("%j is not closed", (line, open, words) => {
    const split = splitWords(line);
    expect(split.words.map(({ text }) => text)).toEqual(words);
    expect(split.open).toBe(open);
  });
});

describe("commands", () => {
  test.each<[line: string, role: Role, ...read: string[]]>([
    ["put a get", "guest", "put key=a value=get"],
    ["GET a Put b c", "guest", "get key=a", "put key=b value=c"],
    [
      "put city Kolkata get city get Institute",
      "manager",
      "put key=city value=Kolkata",
      "get key=city",
      "get key=Institute",
    ],
    ["get bob city", "manager", "get user=bob key=city"],
    ["get bob get city", "manager", "get key=bob", "get key=city"],
    ['get bob "get"', "manager", "get user=bob key=get"],
    ["put bob city Paris get bob city", "manager", "put user=bob key=city value=Paris", "get user=bob key=city"],
    ["put a get get b", "manager", "put key=a value=get", "get key=b"],
    ["delete bob city delete city", "manager", "delete user=bob key=city", "delete key=city"],
    [
      "list list a watch rooms watch bob unwatch",
      "guest",
      "list",
      "list prefix=a",
      "watch",
      "rooms",
      "watch user=bob",
      "unwatch",
    ],
    ["whoami help q", "guest", "whoami", "help", "q"],
    ['lock get b "put" c unlock b locks', "guest", "lock keys=get,b,put,c", "unlock key=b", "locks"],
    ["LOCK a Lock-Shared b c", "manager", "lock key=a", "lock-shared keys=b,c"],
    [
      "locks bob touch bob a 10s touch a never",
      "manager",
      "locks user=bob",
      "touch user=bob key=a time=10s",
      "touch key=a time=never",
    ],
    ["undo 7 undo bob 8 get a", "manager", "undo revision=7", "undo user=bob revision=8", "get key=a"],
    ["get toString constructor", "manager", "get user=toString key=constructor"],
  ])("%j of a %s", (line, role, ...read) => {
    expect(readsAs(line, role)).toEqual(read);
  });

  test.each<[line: string, role: Role, ...read: string[]]>([
    [
      "get bob city get b",
      "guest",
      "get key=bob",
      '! There is no command "city". Only a manager reaches other users\' keys.',
      "get key=b",
    ],
    ["gte a get b", "guest", '! There is no command "gte". Did you mean get?', "get key=b"],
    ["what is that", "guest", '! There is no command "what". Type help to see what there is.'],
    ['"get" a', "guest", '! There is no command "get". Did you mean get?'],
    ["\x1b[2J", "guest", '! There is no command "\\u001b[2J". Type help to see what there is.'],
    ["get", "guest", "! get needs more words: get KEY."],
    ["get a lock", "guest", "get key=a", "! lock needs more words: lock KEY...."],
    ["list put a", "manager", "list", "! put needs more words: put KEY VALUE."],
    [
      "sudo-su-manager sesame get a",
      "guest",
      "sudo-su-manager",
      "! sudo-su-manager asks for the passphrase: do not type it where it can be seen.",
      "get key=a",
    ],
  ])("mistakes in %j of a %s hide nothing else", (line, role, ...read) => {
    expect(readsAs(line, role)).toEqual(read);
  });

  const seed = freshSeed();
  test.each([seed])("what is typed for commands is read as them, by guests and by managers (seed %d)", (it) => {
    fc.assert(
      fc.property(fc.array(shortCommand()), (commands) => {
        const line = commands.map(({ name, words }) => [name, ...words.map((word) => word.typed)].join(" ")).join("  ");
        const expected = commands.map(({ name, slots, words }) =>
          [name.toLowerCase(), ...slots.map((slot, i) => `${slot}=${words[i]?.text}`)].join(" "),
        );
        expect(readsAs(line, "guest")).toEqual(expected);
        expect(readsAs(line, "manager")).toEqual(expected);
      }),
      { seed: it },
    );
  });

  test.each([seed])("a manager's longer commands are read with another command behind them (seed %d)", (it) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("get", "put", "delete"), quotedWords(3))), (commands) => {
        const slotsOf = (name: string): readonly Slot[] =>
          name === "put" ? ["user", "key", "value"] : ["user", "key"];
        const line = commands.map(([name, words]) =>
          [name, ...words.slice(0, slotsOf(name).length).map((w) => w.typed)].join(" "),
        );
        const expected = commands.map(([name, words]) =>
          [name, ...slotsOf(name).map((slot, i) => `${slot}=${words[i]?.text}`)].join(" "),
        );
        expect(readsAs(line.join(" "), "manager")).toEqual(expected);
      }),
      { seed: it },
    );
  });
});

/** A word of whatever letters, and how it is typed. */
function quotedWords(count: number): fc.Arbitrary<{ readonly text: string; readonly typed: string }[]> {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom("get", "PUT", "list", 'say "hi"', "it's", "\\", '"', "a b", "__proto__"),
  );
  const word = text.map((it) => ({ text: it, typed: asWord(it, isCommand) }));
  return fc.array(word, { minLength: count, maxLength: count });
}

/** Commands in their short form, whose words need no quotes even where they are called like commands. */
function shortCommand(): fc.Arbitrary<{
  readonly name: string;
  readonly slots: readonly Slot[];
  readonly words: { readonly text: string; readonly typed: string }[];
}> {
  const names = Object.keys(COMMANDS) as CommandName[];
  const cased = (name: string) => fc.constantFrom(name, name.toUpperCase());
  return fc.constantFrom(...names).chain((name) => {
    const slots: readonly Slot[] = COMMANDS[name].takes;
    const bare = fc.constantFrom("get", "Put", "q").map((text) => ({ text, typed: text }));
    const words = fc.tuple(quotedWords(2), fc.array(fc.option(bare), { minLength: 2, maxLength: 2 }));
    return fc.record({
      name: cased(name),
      slots: fc.constant(slots),
      words: words.map(([quoted, bares]) => quoted.map((word, i) => bares[i] ?? word).slice(0, slots.length)),
    });
  });
}

test.each<[line: string, role: Role, ...expected: string[]]>([
  ["", "guest", "command"],
  ["get", "guest", "key"],
  ["get", "manager", "key", "user"],
  ["get bob", "manager", "command", "key of bob"],
  ["get bob city", "manager", "command"],
  ["get bob get", "manager", "key", "user"],
  ["put bob", "manager", "value", "key of bob"],
  ["put bob", "guest", "value"],
  ["put a get", "guest", "command"],
  ["what list", "guest", "command", "prefix"],
  ["watch", "guest", "command", "user"],
  ["lock", "manager", "key"],
  ["lock get", "guest", "command", "key"],
  ["lock a b", "guest", "command", "key"],
  ["lock a b unlock", "guest", "key"],
  ["lock a get b", "guest", "command"],
])("behind '%s' a %s may type %s %s", (line, role, ...expected) => {
  const found = expectedBehind(splitWords(line).words, role);
  expect(found.map(({ slot, user }) => (slot === "key" && user !== undefined ? `key of ${user}` : slot))).toEqual(
    expected,
  );
});

test.each([
  ["get a", true],
  [" get a", false],
  ["sudo-su-manager", true],
  ["sudo-su-manager get a", true],
  ["put a b SUDO-SU-MANAGER sesame", false],
  ['sudo-su-manager "get', false],
])("whether '%s' is kept in the history: %s", (line, kept) => {
  expect(mayBeKept(line, splitWords(line).words, [])).toBe(kept);
});

test.each([
  ["sudo-su-manager", "sesame", false],
  ["get a sudo-su-manager", "sesame b", false],
  ["sudo-su-manager", "get a", true],
  ["put a sudo-su-manager", '"get"', false],
  ["sudo-su-manager get a", "sesame", true],
])("whether behind the line '%s' the line '%s' is kept: %s", (before, line, kept) => {
  expect(mayBeKept(line, splitWords(line).words, splitWords(before).words)).toBe(kept);
});
