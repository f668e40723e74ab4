import { Separator } from "@inquirer/core";
import { afterEach, expect, test } from "@jest/globals";
import { PlainTalk } from "../../client/menu/plain-talk.ts";
import type { Suggestions, Talk } from "../../client/menu/talk.ts";
import { Back } from "../../client/terminal/question.ts";
import { PlainTerminal } from "../support/plain-terminal.ts";

const terminals: PlainTerminal[] = [];

afterEach(() => {
  for (const { transcript } of terminals) expect(transcript).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  for (const terminal of terminals.splice(0)) terminal.close();
});

function open(): { readonly talk: Talk; readonly terminal: PlainTerminal } {
  const terminal = new PlainTerminal();
  terminals.push(terminal);
  return { talk: new PlainTalk(terminal), terminal };
}

/** Keys by their beginnings; `fresh` as well. */
function keys(names: readonly string[], fresh = false): (typed: string) => Promise<Suggestions> {
  return async (typed) => {
    const found = names.filter((name) => name.startsWith(typed)).map((name) => ({ value: name, name }));
    if (fresh && typed !== "") return [{ value: typed, name: typed, description: "a new key" }, ...found];
    return found.length > 0 ? found : [new Separator(`No key begins with ${typed}.`)];
  };
}

test("few matches are read out at once, with numbers that choose", async () => {
  const { talk, terminal } = open();
  const source = async (): Promise<Suggestions> => [
    { value: "city", name: "city", description: "Kolkata" },
    { value: "\x1b", name: "\\x1b" },
  ];
  const asked = talk.search("Get key", source);
  await terminal.answer("Get key: ", "2");
  expect(await asked).toBe("\x1b");
  const named = talk.search("Get key", source);
  await terminal.answer("Get key: ", "\\x1b");
  expect(await named).toBe("\x1b");
  const back = talk.search("Get key", source);
  await terminal.answer("Get key: ", "");
  await expect(back).rejects.toBeInstanceOf(Back);
  expect(terminal.transcript).toBe(`Type a text or the number of a match. Enter alone goes back. A question mark
behind a text lists what matches it; = before it means just that text.
1. city: Kolkata
2. \\x1b
Get key: 2
Get key: \\x1b
1. city: Kolkata
2. \\x1b
Get key: \\x1b
1. city: Kolkata
2. \\x1b
Get key: 
`);
});

test("many matches are read out by twenties, and only when asked for", async () => {
  const { talk, terminal } = open();
  const names = Array.from({ length: 43 }, (_, i) => `key ${String(i + 1).padStart(2, "0")}`);
  const asked = talk.search("Get key", keys(names));
  // Nothing was read out, so that it is no number of anything.
  await terminal.answer("Get key: ", "3", "?", "?", "?", "key 1", "zz", "key 42");
  expect(await asked).toBe("key 42");
  const list = (from: number, to: number, first: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${first + i}. ${names[from - 1 + i]}\n`).join("");
  const more = (left: number) => `And ${left} more: type more letters, or a question mark for the next.\n`;
  const said = terminal.transcript.slice(terminal.transcript.indexOf("43 to"));
  expect(said).toBe(`43 to choose from. A question mark lists them.
Get key: 3
No key begins with 3.
Get key: ?
${list(1, 20, 1)}${more(23)}Get key: ?
${list(21, 40, 21)}${more(3)}Get key: ?
${list(41, 43, 41)}Get key: key 1
${list(10, 19, 1)}Get key: zz
No key begins with zz.
Get key: key 42
`);
});

test("where any text is good, a question mark finds what is there, and = means the text itself", async () => {
  const { talk, terminal } = open();
  const names = ["1", "city", "country"];
  const put = async (...lines: readonly string[]): Promise<string> => {
    const asked = talk.search("Put key", keys(names, true));
    await terminal.answer("Put key: ", ...lines);
    return asked;
  };
  expect(await put("new")).toBe("new");
  expect(await put("2")).toBe("city");
  expect(await put("=2")).toBe("2");
  expect(await put("=why?")).toBe("why?");
  expect(await put("=<")).toBe("<");
  const { length } = terminal.transcript;
  expect(await put("c?", "3")).toBe("country");
  expect(terminal.transcript.slice(length)).toBe(`1. 1
2. city
3. country
Put key: c?
1. c: a new key
2. city
3. country
Put key: 3
Put key: country
`);
});

test("what is found for a text to begin with is read out, however much", async () => {
  const { talk, terminal } = open();
  const names = Array.from({ length: 12 }, (_, i) => `key ${i}`);
  const asked = talk.search("Get key", keys(names), { typed: "key" });
  await terminal.answer("Get key: ", "12");
  expect(await asked).toBe("key 11");
});
