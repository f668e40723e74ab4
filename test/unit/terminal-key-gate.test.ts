import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { KeyGate, type Typing } from "../../client/terminal/key-gate.ts";
import { KEYS, VirtualTerminal } from "../support/virtual-terminal.ts";

const BEGIN = "\x1b[200~";
const END = "\x1b[201~";

let terminal: VirtualTerminal;
let gate: KeyGate;
/** What a prompt was given: texts, and of keys their names. */
let given: string[];
beforeEach(() => {
  terminal = new VirtualTerminal();
  gate = new KeyGate(terminal);
  given = [];
  gate.on("keypress", (text: string | undefined, key: { readonly name?: string }) =>
    given.push(key.name ?? text ?? ""),
  );
  gate.resume();
});
afterEach(() => terminal.close());

function open(question: Partial<Typing> = {}): () => void {
  return gate.open({ paste: (text) => `<${text}>`, ...question });
}

async function type(...chunks: readonly (string | Buffer)[]): Promise<void> {
  for (const chunk of chunks) terminal.input.write(chunk);
  await settled();
}

/** Everything that was written has been read, and what came together has been handed on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}

function decision(): { readonly promise: Promise<boolean>; readonly decide: (isMeant: boolean) => void } {
  let decide: (isMeant: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((resolve) => {
    decide = resolve;
  });
  return { promise, decide };
}

test("a paste is one key, wherever its bytes are split", async () => {
  const bytes = Buffer.from(`${BEGIN}zwei\r\nü 😀\x03\x1b[31m${END}\t`);
  open();
  for (let first = 0; first < bytes.length; first++) {
    for (let second = first; second < bytes.length; second += 5) {
      given = [];
      const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      await type(...chunks.filter(({ length }) => length > 0));
      expect({ first, second, given }).toEqual({ first, second, given: ["<zwei\r\nü 😀\x03\x1b[31m>", "tab"] });
    }
  }
});

test("a paste ends where it does, also behind the beginning of an escape sequence", async () => {
  open();
  await type(`${BEGIN}a\x1b${END}b`);
  await type(`${BEGIN}c\x1b[${END}d`);
  expect(given).toEqual(["<a>", "b", "<c\x1b[>", "d"]);
});

test("Ctrl-C alone leaves a paste that has no end", async () => {
  open();
  await type(`${BEGIN}lost\x03`);
  expect(given).toEqual([]);
  await type(KEYS.ctrlC);
  await type("a");
  expect(given).toEqual(["c", "a"]);
});

test("of a paste without an end no more is kept than a value may have", async () => {
  open({ paste: (text) => String(text.length) });
  await type(BEGIN, ...Array.from({ length: 20 }, () => "x".repeat(64 * 1024)), END);
  expect(given).toEqual([String(1024 * 1024 + 1)]);
});

test("text that comes at once is one key, and keys between stay keys", async () => {
  open();
  await type("x".repeat(5_000), "y", KEYS.up, "é😀", "\x7f");
  expect(given).toEqual([`${"x".repeat(5_000)}y`, "up", "é😀", "backspace"]);
});

test("what is typed behind an Enter is for the next question", async () => {
  const close = open();
  gate.once("keypress", () => gate.once("keypress", () => queueMicrotask(close)));
  await type("city\rKolkata\r");
  expect(given).toEqual(["city", "return"]);
  open();
  await settled();
  expect(given).toEqual(["city", "return", "Kolkata", "return"]);
});

test("what is typed behind an Enter is dropped where the question stays, but not what ends that", async () => {
  open();
  await type("a city\rport\r\x04");
  await type("b");
  expect(given).toEqual(["a city", "return", "d", "b"]);
});

test("an Enter that comes early waits, and so does what is typed behind it", async () => {
  const { promise, decide } = decision();
  const close = open({ beforeEnter: () => promise });
  await type("city", KEYS.enter, "Kol");
  await type("kata", KEYS.enter);
  expect(given).toEqual(["city"]);
  gate.once("keypress", () => {
    close();
    open();
  });
  decide(true);
  await settled();
  expect(given).toEqual(["city", "return", "Kolkata", "return"]);
});

test("an early Enter that takes nothing drops what is typed behind it", async () => {
  const { promise, decide } = decision();
  open({ beforeEnter: () => promise });
  await type("ci", KEYS.enter, "Kolkata");
  decide(false);
  await settled();
  await type("ty");
  expect(given).toEqual(["ci", "ty"]);
});

test.each([
  ["Esc", KEYS.escape, "escape"],
  ["Ctrl-C", KEYS.ctrlC, "c"],
  ["Ctrl-D", "\x04", "d"],
  ["Ctrl-Z", "\x1a", "z"],
])("%s does not wait", async (_, key, name) => {
  const first = once(gate, "keypress");
  const close = open({ onlyUrgent: true });
  await type("early", KEYS.enter, key);
  await first;
  expect(given).toEqual([name]);
  close();
  open();
  await settled();
  expect(given).toEqual([name, "early", "return"]);
});

test("what was typed for questions that do not come is forgotten, with the rest of a paste", async () => {
  const close = open({ onlyUrgent: true });
  await type("early", `${BEGIN}begun`);
  gate.forget();
  close();
  open();
  await type(` and gone${END}late`);
  expect(given).toEqual(["late"]);
});

test("a terminal marks pastes as long as it gives each key at once, and is told once", async () => {
  gate.setRawMode(true);
  gate.setRawMode(true);
  expect([terminal.raw, terminal.written]).toEqual([true, "\x1b[?2004h"]);
  gate.setRawMode(false);
  gate.setRawMode(false);
  expect([terminal.raw, terminal.written]).toEqual([false, "\x1b[?2004h\x1b[?2004l"]);
});
