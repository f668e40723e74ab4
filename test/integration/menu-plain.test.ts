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
upkeep:
12. locks (k): who locks what and who waits; take, release
13. lifetime (i): have a key go by itself after a time
program:
14. command (c): show the command for what was done last
15. switch server (s): go to another server or sign in as somebody else
16. log out (lo): end this sign-in here and on the server
17. quit (q): stay signed in on this computer
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
2. history: who changed it, when, to what; undo
3. edit: change it in your editor
4. lifetime: have it go by itself
5. delete: remove it
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

test("locks are listed, waited for and released, a change taken back and a lifetime given, as it is read out", async () => {
  const { url } = await serve();
  const elsewhere = await store(url, { user: "ada", password: "right" });
  await elsewhere.put("city", "Calcutta");
  await elsewhere.put("city", "Kolkata");
  await elsewhere.lock(["city"]);
  const { terminal, exit } = openMenu(url);
  await terminal.answer("guest): ", "ada");
  await terminal.answer("type): ", "right");
  await terminal.answer(NEXT, "k");
  await terminal.answer("Locks: ", "take");
  await terminal.answer("Lock key: ", "city");
  await terminal.answer("Lock city how: ", "shared");
  await terminal.answer("no): ", "y");
  await terminal.says("In line behind yourself (elsewhere).");
  await terminal.says("< and Enter goes back meanwhile.");
  terminal.type("<");
  await terminal.answer("Locks: ", "take");
  await elsewhere.unlock(["city"]);
  await terminal.answer("Lock key: ", "city");
  await terminal.answer("Lock city how: ", "exclusive");
  await terminal.answer("Locks: ", "");
  await terminal.answer(NEXT, "b");
  await terminal.answer("Browse key: ", "city");
  await terminal.answer("What about city: ", "history");
  await terminal.answer("Which change: ", "2");
  await terminal.answer("What about revision 2: ", "2");
  await terminal.answer("no): ", "y");
  await terminal.answer("Browse key: ", "city");
  await terminal.answer("What about city: ", "lifetime");
  await terminal.answer("When shall city go: ", "2 h");
  await terminal.answer("Browse key: ", "");
  await terminal.answer(NEXT, "q");
  expect(await exit).toBe(0);
  const read = steady(terminal.transcript, url);
  expect(read.slice(read.indexOf("What next? k"))).toBe(`What next? k
city: exclusive, you (elsewhere) since TIME
Type a text or the number of a match. Enter alone goes back. A question mark
behind a text lists what matches it; = before it means just that text.
1. take: lock a key, or several at once
2. look again: how they stand by now
Locks: take
1. city: Kolkata
Lock key: city
1. exclusive: others can neither lock nor write it
2. shared: others may share it and not write it
3. another key: lock several together, all or none
Lock city how: shared
Problem: city is locked: another session of yours comes first, since TIME,
exclusive.
Wait for that, up to a minute? Yes or no (Enter alone: no): y
In line behind yourself (elsewhere).
Waiting for city… < and Enter goes back meanwhile.
<
Gave up the wait. Nothing was changed.
city: exclusive, you (elsewhere) since TIME
1. take: lock a key, or several at once
2. look again: how they stand by now
Locks: take
1. city: Kolkata
Lock key: city
1. exclusive: others can neither lock nor write it
2. shared: others may share it and not write it
3. another key: lock several together, all or none
Lock city how: exclusive
Locked city, until you release it or quit.
city: exclusive, you since TIME
1. take: lock a key, or several at once
2. release: give up locks of yours
3. look again: how they stand by now
Locks: 

ada, guest, HOST:PORT, live, 1 lock
What next? b
1. city: Kolkata
Browse key: city
  │ Kolkata
revision 2, DATE TIME, by ada
1. another key: look at the next one
2. history: who changed it, when, to what; undo
3. edit: change it in your editor
4. lifetime: have it go by itself
5. delete: remove it
What about city: history
  2  DATE TIME  ada  Kolkata
  1  DATE TIME  ada  Calcutta
The server's log goes back to revision 1.
1. another key: look at the next one
2. revision 2, ada: Kolkata: DATE TIME
3. revision 1, ada: Calcutta: DATE TIME
Which change: 2
Which change: revision 2, ada: Kolkata
  │ Kolkata
revision 2, DATE TIME, by ada
1. another change: look at the next one
2. take it back: as it was before this change; asks first
What about revision 2: 2
What about revision 2: take it back
Before revision 2 it was:
  │ Calcutta
revision 1, DATE TIME, by ada
Take back all of revision 2? Yes or no (Enter alone: no): y
Took back revision 2, as revision 3.
1. city: Calcutta
Browse key: city
  │ Calcutta
revision 3, DATE TIME, by ada
1. another key: look at the next one
2. history: who changed it, when, to what; undo
3. edit: change it in your editor
4. lifetime: have it go by itself
5. delete: remove it
What about city: lifetime
Or type a time such as 90 s, 10 min, 2 h or 7 d.
1. never: it stays until somebody deletes it
2. 1 minute: it goes in a minute
3. 1 hour: it goes in an hour
4. 1 day: it goes tomorrow at this time
When shall city go: 2 h
city goes at DATE TIME, unless it is put again before that.
1. city: Calcutta
Browse key: 

What next? q
Gave up your lock.
`);
});
