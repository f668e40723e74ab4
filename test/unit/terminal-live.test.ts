import { cursorDown } from "@inquirer/ansi";
import { confirm, input, password, search } from "@inquirer/prompts";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Frame } from "../../client/terminal/frame.ts";
import { LiveTerminal } from "../../client/terminal/live-terminal.ts";
import { KEYS, VirtualTerminal } from "../support/virtual-terminal.ts";

let terminal: VirtualTerminal;
let live: LiveTerminal;
beforeEach(() => {
  terminal = new VirtualTerminal(40, 12);
  live = new LiveTerminal(terminal.output);
});
afterEach(() => terminal.close());

function context() {
  return { input: terminal.input, output: live };
}

test("without a prompt a text is just printed", async () => {
  live.print("one\ntwo");
  await terminal.is("one\ntwo");
});

test("a text comes above the open prompt, and what was typed goes on", async () => {
  const answer = input({ message: "Value" }, context());
  await terminal.is("? Value");
  terminal.press("ac", "\x1b[D");
  await terminal.is("? Value ac");
  live.print("first");
  live.print("second");
  await terminal.is("first\nsecond\n? Value ac");
  expect(terminal.cursorColumn).toBe("? Value a".length);
  terminal.press("b");
  await terminal.is("first\nsecond\n? Value abc");
  terminal.press(KEYS.enter);
  expect(await answer).toBe("abc");
  live.print("third");
  await terminal.is("first\nsecond\n✔ Value abc\nthird");
});

test("a prompt with lines below the cursor stays whole", async () => {
  const answer = search({ message: "Key", source: () => ["city", "country"] }, context());
  await terminal.shows("❯ city");
  const prompt = terminal.screen;
  live.print("news that is longer than the forty columns of the screen");
  await terminal.is(`news that is longer than the forty colum\nns of the screen\n${prompt}`);
  terminal.press(KEYS.down, KEYS.enter);
  expect(await answer).toBe("country");
  await terminal.is("news that is longer than the forty colum\nns of the screen\n✔ Key country");
});

test("a prompt of several screen lines stays whole, also when all scrolls", async () => {
  const answer = input({ message: "Value" }, context());
  await terminal.is("? Value");
  terminal.press("x".repeat(100));
  const prompt = `? Value ${"x".repeat(32)}\n${"x".repeat(40)}\n${"x".repeat(28)}`;
  await terminal.is(prompt);
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  for (const line of lines) live.print(line);
  await terminal.is([...lines.slice(-9), prompt].join("\n"));
  terminal.press("y", KEYS.enter);
  expect(await answer).toBe(`${"x".repeat(100)}y`);
});

test("several prompts in a row share one output", async () => {
  for (const typed of ["a", "b"]) {
    const answer = password({ message: "Secret", mask: "*", toggleMask: false }, context());
    await terminal.shows("? Secret");
    live.print(`during ${typed}`);
    terminal.press(typed, KEYS.enter);
    expect(await answer).toBe(typed);
    live.print(`after ${typed}`);
  }
  const sure = confirm({ message: "Sure?" }, context());
  await terminal.shows("? Sure?");
  terminal.press("y", KEYS.enter);
  await sure;
  await terminal.is(`during a
✔ Secret *
after a
during b
✔ Secret *
after b
✔ Sure? Yes`);
});

test("what a prompt has drawn is counted in the rows that it takes now", () => {
  const frame = new Frame(`? Key\n❯ ${"k".repeat(30)}\n  b\n漢字 help\x1b[3A\x1b[7G`);
  const rows = (columns: number) => frame.erasure(columns).match(/\x1b\[2K/g)?.length;
  expect(rows(80)).toBe(4);
  expect(frame.toEnd(80)).toBe(cursorDown(3));
  expect(rows(20)).toBe(5);
  expect(frame.toEnd(20)).toBe(cursorDown(4));
  expect(rows(8)).toBe(1 + 4 + 1 + 2);
  frame.move("\x1b[12G");
  expect(frame.toEnd(10)).toBe(cursorDown(1 + 4 + 1 + 1 - 2));
});

test("while another program has the terminal nothing is printed, and all of it afterwards", async () => {
  const release = live.hold();
  live.print("one");
  live.print("two");
  await terminal.is("");
  release();
  await terminal.is("one\ntwo");
});
