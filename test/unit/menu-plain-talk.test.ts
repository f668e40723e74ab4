import { styleText } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { PlainTalk } from "../../client/menu/plain-talk.ts";
import type { MenuView, Talk } from "../../client/menu/talk.ts";
import { Back, Interrupted } from "../../client/terminal/question.ts";
import { PlainTerminal } from "../support/plain-terminal.ts";

const terminals: PlainTerminal[] = [];
const listeners = process.listenerCount("SIGINT");

afterEach(() => {
  for (const { transcript, isRaw } of terminals) {
    // Line after line: nothing that moves the cursor or takes something back.
    expect(transcript).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(isRaw).toBe(false);
  }
  for (const terminal of terminals.splice(0)) terminal.close();
  expect(process.listenerCount("SIGINT")).toBe(listeners);
});

function open(columns = 80): { readonly talk: Talk; readonly terminal: PlainTerminal } {
  const terminal = new PlainTerminal(columns);
  terminals.push(terminal);
  return { talk: new PlainTalk(terminal), terminal };
}

const GET = { name: "get", key: "g", group: "keys", hint: "read a key" };
const PUT = { name: "put", key: "p", group: "keys", hint: "set a key to one line" };
const WATCH = { name: "watch", key: "w", group: "rooms", hint: "be told of changes" };
const WATCHERS = { name: "watchers", key: "t", group: "people", hint: "who watches your room" };
const UPGRADE = { name: "upgrade", key: "u", group: "people", hint: "become a manager" };
const CHOICES = [GET, PUT, WATCH, WATCHERS, UPGRADE];

function view(state: string, choices = CHOICES): MenuView {
  const live = styleText("green", `● ${state}`, { validateStream: false });
  return { header: [`ada · guest · ${live}`, "1 unread"], feed: ["never read out"], choices };
}

function choose(talk: Talk, now: () => MenuView = () => view("live")): Promise<string> {
  return talk.menu(now, () => () => undefined);
}

test("the header is said when it is another one, the choices at first and when asked for", async () => {
  const { talk, terminal } = open();
  const first = choose(talk, () => view("live · 3 ms"));
  await terminal.answer("What next? ", "2");
  expect(await first).toBe("put");
  const second = choose(talk, () => view("live · 4 ms"));
  terminal.type("G");
  expect(await second).toBe("get");
  const third = choose(talk, () => view("reconnecting in 3 s"));
  await terminal.answer("What next? ", "", "t");
  expect(await third).toBe("watchers");
  const list = `keys:
1. get (g): read a key
2. put (p): set a key to one line
rooms:
3. watch (w): be told of changes
people:
4. watchers (t): who watches your room
5. upgrade (u): become a manager
Type a number, letters or a word. Enter alone tells news or, where there is
none, lists the choices again.
`;
  expect(terminal.transcript).toBe(`ada, guest, live, 3 ms, 1 unread
${list}What next? 2
What next? G
ada, guest, reconnecting in 3 s, 1 unread
What next? 
${list.split("Type")[0]}What next? t
`);
});

test("a word is taken where it can mean but one choice; else the likely ones are told", async () => {
  const { talk, terminal } = open();
  const asked = choose(talk);
  await terminal.asks("What next? ");
  const { length } = terminal.transcript;
  await terminal.answer("What next? ", "6", "zz", "wat", "upg");
  expect(await asked).toBe("upgrade");
  expect(terminal.transcript.slice(length)).toBe(`6
The numbers go from 1 to 5. Enter alone lists what there is.
What next? zz
Nothing here is called zz. Enter alone lists what there is.
What next? wat
Which of these?
watch (w): be told of changes
watchers (t): who watches your room
What next? upg
`);
});

test("a number means what was read out with it, and is refused once that is gone", async () => {
  const { talk, terminal } = open();
  let choices = CHOICES;
  const asked = choose(talk, () => view("live", choices));
  await terminal.asks("What next? ");
  choices = [PUT, WATCH, UPGRADE];
  await terminal.answer("What next? ", "1", "5");
  expect(await asked).toBe("upgrade");
  expect(terminal.transcript).toContain("Number 1, get, is not possible any more.");
});

test("what comes while a question is open is told after its answer, the last news and all sentences", async () => {
  const { talk, terminal } = open();
  const asked = choose(talk);
  await terminal.asks("What next? ");
  const { length } = terminal.transcript;
  talk.say("*", "Connection lost. Reconnecting…", (line) => styleText("yellow", line));
  for (let i = 1; i <= 23; i++) talk.print(`\x1b[2mchange ${i}\x1b[22m`);
  expect(terminal.transcript.slice(length)).toBe("");
  terminal.type("");
  await terminal.asks("change 23\nWhat next? ");
  talk.print("one more");
  terminal.type("w");
  expect(await asked).toBe("watch");
  talk.print("at once");
  const told = Array.from({ length: 20 }, (_, i) => `change ${i + 4}`).join("\n");
  expect(terminal.transcript.slice(length)).toBe(`
Earlier lines that are left out here: 3.
News: Connection lost. Reconnecting…
${told}
What next? w
one more
at once
`);
});

test("a text is asked for until it is a good one, and Enter alone takes what is offered", async () => {
  const { talk, terminal } = open();
  const validate = (text: string) => /^\d+$/.test(text) || "A port is a number.";
  const port = talk.text({ message: "Port", default: "3000", validate });
  await terminal.answer("Port (Enter alone: 3000): ", "many", "");
  expect(await port).toBe("3000");
  const value = talk.text({ message: "Value" });
  terminal.type("");
  expect(await value).toBe("");
  const back = talk.text({ message: "Name" });
  terminal.type("<");
  await expect(back).rejects.toBeInstanceOf(Back);
  expect(terminal.transcript).toBe(`A line with only < goes back.
Port (Enter alone: 3000): many
Problem: A port is a number.
Port (Enter alone: 3000): 
Value: 
Name: <
`);
});

test("a text is what was typed, without the arrow keys that the terminal did not understand", async () => {
  const { talk, terminal } = open();
  const value = talk.text({ message: "Value" });
  await terminal.asks("Value: ");
  terminal.press("\x1b[Agrüße ");
  const [first, second] = [Buffer.from("😀").subarray(0, 2), Buffer.from("😀").subarray(2)];
  terminal.input.write(first);
  terminal.input.write(second);
  terminal.press("\x1b[D  \r\n");
  expect(await value).toBe("grüße 😀  ");
  terminal.press("\x1b\n");
  await expect(talk.text({ message: "Next" })).rejects.toBeInstanceOf(Back);
});

test("lines that are typed early are the answers of the next questions", async () => {
  const { talk, terminal } = open();
  terminal.press("Ada\ny\nsecret\nlast");
  expect(await talk.text({ message: "Name" })).toBe("Ada");
  expect(await talk.confirm("Sure?")).toBe(true);
  expect(await talk.secret("Password")).toBe("secret");
  const last = talk.text({ message: "Last" });
  terminal.press(" one\n");
  expect(await last).toBe("last one");
});

test("a secret is never shown, Backspace works, and Esc or < goes back", async () => {
  const { talk, terminal } = open();
  const validate = (text: string) => text !== "" || "Type the password.";
  const asked = talk.secret("Password of ada", validate);
  expect(terminal.isRaw).toBe(true);
  terminal.type("");
  await terminal.says("Type the");
  await terminal.asks("type): ");
  terminal.press("wrong\x15righ😀\x7f\x1b[A\tr\bt");
  terminal.type("");
  expect(await asked).toBe("right");
  expect(terminal.isRaw).toBe(false);
  for (const keys of ["abc\x1b", "<\r"]) {
    const back = talk.secret("Passphrase");
    terminal.press(keys);
    await expect(back).rejects.toBeInstanceOf(Back);
  }
  expect(terminal.transcript).toBe(`Password of ada (not shown while you type): 
Problem: Type the password.
Password of ada (not shown while you type): 
Passphrase (not shown while you type): 
Passphrase (not shown while you type): 
`);
});

test("yes is only what says so", async () => {
  const { talk, terminal } = open();
  for (const [typed, answer] of [
    ["", false],
    ["No", false],
    ["Y", true],
    [" yes ", true],
  ] as const) {
    const asked = talk.confirm("Delete city for good?");
    await terminal.answer("(Enter alone: no): ", "maybe", typed);
    expect(await asked).toBe(answer);
  }
  const back = talk.confirm("Sure?");
  terminal.type("<");
  await expect(back).rejects.toBeInstanceOf(Back);
});

test("a short wait says nothing; a long one says what for, and can be left", async () => {
  const { talk, terminal } = open();
  expect(await talk.wait("Saving", Promise.resolve("saved"))).toBe("saved");
  await expect(talk.wait("Saving", Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(terminal.transcript).toBe("");
  const long = talk.wait("Reading", new Promise(() => undefined));
  await terminal.says("Reading… < and Enter goes back meanwhile.\n");
  terminal.type("<");
  await expect(long).rejects.toBeInstanceOf(Back);
  terminal.press("early\n");
  expect(await talk.wait("Saving", Promise.resolve("saved"))).toBe("saved");
  expect(await talk.text({ message: "Value" })).toBe("early");
});

type Ask = (talk: Talk) => Promise<unknown>;
const QUESTIONS: Readonly<Record<string, Ask>> = {
  menu: (talk) => choose(talk),
  text: (talk) => talk.text({ message: "Value" }),
  secret: (talk) => talk.secret("Password"),
  confirm: (talk) => talk.confirm("Sure?"),
  search: (talk) => talk.search("Get key", async () => [{ value: "city", name: "city" }]),
  "search that still looks": (talk) => talk.search("Get key", () => new Promise(() => undefined)),
  wait: (talk) => talk.wait("Saving", new Promise(() => undefined)),
};

test.each(Object.entries(QUESTIONS))(
  "a %s ends with Ctrl-C, the end of the input and that of the session",
  async (kind, ask) => {
    const ways: readonly ((terminal: PlainTerminal, session: AbortController) => unknown)[] = [
      () => process.emit("SIGINT"),
      (terminal) => terminal.hangUp(),
      (_, session) => session.abort(new Error("signed out")),
      ...(kind === "secret" ? ["\x03", "\x04"].map((key) => (terminal: PlainTerminal) => terminal.press(key)) : []),
    ];
    const isWait = ["wait", "search that still looks"].includes(kind);
    for (const [i, end] of ways.entries()) {
      const { talk, terminal } = open();
      const session = new AbortController();
      const asked = talk.within(session.signal, () => ask(talk));
      if (!isWait) await terminal.asks(kind === "menu" ? "What next? " : kind === "confirm" ? "no): " : ": ");
      end(terminal, session);
      if (i === 2) await expect(asked).rejects.toThrow("signed out");
      else await expect(asked).rejects.toBeInstanceOf(Interrupted);
      // The line that was open is closed.
      expect(terminal.transcript).toMatch(i === 2 && kind === "wait" ? /^$/ : /\n$/);
      if (i === 1) await expect(ask(talk)).rejects.toBeInstanceOf(Interrupted);
    }
  },
);

test("what was typed early for a session that has ended is no answer to what comes then", async () => {
  const { talk, terminal } = open();
  const session = new AbortController();
  const waiting = talk.within(session.signal, () => talk.wait("Saving", new Promise(() => undefined)));
  terminal.press("early\nearlier\n");
  await new Promise((resolve) => setImmediate(resolve));
  session.abort(new Error("signed out"));
  await expect(waiting).rejects.toThrow("signed out");
  const name = talk.text({ message: "Name" });
  await terminal.answer("Name: ", "ada");
  expect(await name).toBe("ada");
});

test("a session that has ended is asked nothing", async () => {
  const { talk, terminal } = open();
  const ended = AbortSignal.abort(new Error("signed out"));
  for (const ask of Object.values(QUESTIONS)) {
    await expect(talk.within(ended, () => ask(talk))).rejects.toThrow("signed out");
  }
  expect(terminal.transcript).not.toContain("? ");
});

test("while another program has the terminal nothing is printed, and nothing read", async () => {
  const { talk, terminal } = open();
  const name = talk.text({ message: "Name" });
  await terminal.answer("Name: ", "ada");
  await name;
  const { length } = terminal.transcript;
  expect(
    await talk.lend(async () => {
      talk.print("a change");
      talk.say("!", "trouble");
      expect(terminal.transcript.slice(length)).toBe("");
      expect(terminal.input.listenerCount("data")).toBe(0);
      expect(terminal.input.isPaused()).toBe(true);
      return "done";
    }),
  ).toBe("done");
  expect(terminal.transcript.slice(length)).toBe("a change\nProblem: trouble\n");
});

test("empty lines never follow each other, and 40 columns are enough", async () => {
  const { talk, terminal } = open(40);
  talk.gap();
  talk.say(" ", "Signed in as ada, a guest, on a rather narrow terminal.");
  talk.gap();
  talk.gap();
  const asked = choose(talk);
  terminal.type("g");
  await asked;
  talk.gap();
  talk.say(" ", "Got it.");
  const again = choose(talk);
  terminal.type("get");
  await again;
  expect(terminal.transcript).toBe(`Signed in as ada, a guest, on a rather
narrow terminal.

ada, guest, live, 1 unread
keys:
1. get (g): read a key
2. put (p): set a key to one line
rooms:
3. watch (w): be told of changes
people:
4. watchers (t): who watches your room
5. upgrade (u): become a manager
Type a number, letters or a word. Enter
alone tells news or, where there is
none, lists the choices again.
What next? g
Got it.

What next? get
`);
});
