import { expect, test } from "@jest/globals";
import { runMenu } from "../../client/menu/menu.ts";
import { hostAndPort, MemoryCredentials } from "../support/menu.ts";
import { PlainTerminal } from "../support/plain-terminal.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();

interface OpenMenu {
  readonly terminal: PlainTerminal;
  readonly exit: Promise<number>;
}

function openMenu(url: string): OpenMenu {
  const terminal = new PlainTerminal();
  const exit = runMenu({
    ...hostAndPort(url),
    plain: true,
    io: terminal,
    credentials: new MemoryCredentials(),
  });
  closing(async () => {
    terminal.hangUp();
    await exit;
    terminal.close();
  });
  return { terminal, exit };
}

/** Gives useless answers until this has been told. */
async function hear(terminal: PlainTerminal, question: string, news: string): Promise<void> {
  while (!terminal.transcript.includes(news)) {
    await terminal.answer(question, "zz");
    // Else the network has no turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await terminal.asks(question);
}

/** Without what differs from run to run. */
function steady(transcript: string, url: string): string {
  return transcript
    .replaceAll(new URL(url).host, "HOST:PORT")
    .replaceAll(`127.0.0.1 ${new URL(url).port}`, "HOST PORT")
    .replaceAll(/, \d+ ms/g, "")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "DATE TIME")
    .replaceAll(/\d\d:\d\d:\d\d/g, "TIME")
    .replaceAll(/(?:^.*[:?] zz\n.*\bzz\..*\n)+(?=.*[:?] zz\nTIME)/gm, "");
}

const NEXT = "What next? ";

test("a day with the menu, as it is read out", async () => {
  const { url } = await serve();
  const { terminal, exit } = openMenu(url);
  await terminal.answer("guest): ", "ada");
  await terminal.answer("type): ", "right");
  await terminal.answer(NEXT, "put");
  await terminal.answer("Put key: ", "city");
  await terminal.answer("Value: ", "Calcutta");
  await terminal.answer(NEXT, "2");
  await terminal.answer("Put key: ", "1");
  await terminal.answer("Value: ", "Kolkata");
  await terminal.answer(NEXT, "g");
  await terminal.answer("Get key: ", "city");
  await terminal.answer(NEXT, "w");
  await terminal.says("Changed city, revision 2.");
  await hear(terminal, NEXT, "Watching your room: 1 key.");
  await terminal.answer(NEXT, "d");
  const elsewhere = await store(url, { user: "ada", password: "right" });
  await elsewhere.put("fruit", "\x1b[2Japple");
  await hear(terminal, "Delete key: ", "ada put fruit");
  await terminal.answer("Delete key: ", "c?", "1");
  await terminal.answer("no): ", "y");
  await terminal.answer(NEXT, "b");
  await terminal.answer("Browse key: ", "fruit");
  await terminal.answer("What about fruit: ", "");
  await terminal.answer("Browse key: ", "");
  await terminal.answer(NEXT, "command");
  await terminal.answer(NEXT, "lo");
  await terminal.answer("alone: ada): ", "");
  await terminal.asks("type): ");
  terminal.press("\x03");
  expect(await exit).toBe(130);
  expect(terminal.isRaw).toBe(false);
  expect(steady(terminal.transcript, url)).toBe(`A line with only < goes back.
Name (empty: anonymous guest): ada
Password of ada (not shown while you type): 
Signed in as ada, a guest.

ada, guest, HOST:PORT, live
keys:
1. get (g): read a key
2. put (p): set a key to one line
3. browse (b): look through keys, values and their history
4. edit (e): set a key in your editor
5. load (l): set a key to a file's text
6. delete (d): remove a key
rooms:
7. watch (w): be told of changes, or no more
8. live view (v): a screen of changes as they happen
9. news (n): read the last changes
people:
10. watchers (t): who watches your room
11. upgrade (u): become a manager
program:
12. command (c): show the command for what was done last
13. switch server (s): go to another server or sign in as somebody else
14. log out (lo): end this sign-in here and on the server
15. quit (q): stay signed in on this computer
Type a number, letters or a word. Enter alone tells news or, where there is
none, lists the choices again.
What next? put
Type a text or the number of a match. Enter alone goes back. A question mark
behind a text lists what matches it; = before it means just that text.
Type a new key.
Put key: city
Value: Calcutta
Created city, revision 1.

What next? 2
1. city: Calcutta
Put key: 1
Put key: city
Value: Kolkata
Changed city, revision 2.

What next? g
1. city: Kolkata
Get key: city
  │ Kolkata
revision 2, DATE TIME, by ada

What next? w
ada, guest, HOST:PORT, live, watching 1 room (waiting)
What next? zz
TIME Watching your room: 1 key.
Nothing here is called zz. Enter alone lists what there is.
What next? d
1. city: Kolkata
Delete key: zz
TIME ada put fruit = "\\u001b[2Japple"
No key begins with zz.
Delete key: c?
1. city: Kolkata
Delete key: 1
Delete key: city
Delete city for good? Yes or no (Enter alone: no): y
Deleted city, revision 4.

ada, guest, HOST:PORT, live, watching 1 room
What next? b
1. fruit: \\x1b[2Japple
Browse key: fruit
  │ \\x1b[2Japple
revision 3, DATE TIME, by ada
1. another key: look at the next one
2. history: who changed it, when, to what
3. edit: change it in your editor
4. delete: remove it
What about fruit: 
1. fruit: \\x1b[2Japple
Browse key: 

What next? command
keyroom --user ada HOST PORT get fruit

What next? lo
Name (*: anonymous guest) (Enter alone: ada): 
Password of ada (not shown while you type): 
`);
});
