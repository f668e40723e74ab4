import { afterEach, expect, test } from "@jest/globals";
import { type ErrorCode, KeyroomError, type Store, type StoreEvents } from "../../client/sdk/index.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";
import { FakeStore } from "../support/cli-fake-store.ts";
import { closeMenus, openMenu } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

afterEach(closeMenus);

async function menuOn(store: Store): Promise<VirtualTerminal> {
  const { terminal } = openMenu({ host: "127.0.0.1", port: 1, user: "alice", connect: async () => store });
  await terminal.shows("chooses");
  return terminal;
}

async function putCity(terminal: VirtualTerminal): Promise<void> {
  terminal.press("p", KEYS.enter);
  await terminal.fits((screen) => /[Tt]ype (a new|the whole) key\./.test(screen));
  terminal.press("city");
  await terminal.shows("❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press("Kolkata", KEYS.enter);
}

test.each(Object.keys(ERROR_CODES) as ErrorCode[])(
  "%s is shown as its sentence, and the menu goes on",
  async (code) => {
    const store = new FakeStore();
    store.failure = { command: "put", error: new KeyroomError(code, `What ${code} means,\x1b[2J and what to do.`) };
    const terminal = await menuOn(store);
    await putCity(terminal);
    await terminal.shows(`✔ Value Kolkata\n! What ${code} means,\\x1b[2J and what to do.\n\nalice · guest`);
    await terminal.shows("chooses");
  },
);

test("a write with an unknown outcome is asked about at once", async () => {
  const store = new FakeStore();
  const error = new KeyroomError("unknown_outcome", "The answer never came.", { op: "op:1" });
  store.failure = { command: "put", error };
  const terminal = await menuOn(store);
  await putCity(terminal);
  await terminal.shows("! The answer never came.\n  The server says: it was done, as revision 7.\n\nalice");
  expect(store.calls).toContainEqual(["alice", "outcome", "op:1"]);
});

/** A store without a connection, whose next put ends when the test refuses it. */
function awayStore() {
  let refuse: (error: KeyroomError) => void = () => undefined;
  const written = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const store = new FakeStore();
  const away = Object.assign(store, { state: "reconnecting" as const, put: () => written });
  return { store, away, refuse: (error: KeyroomError) => refuse(error) };
}

test.each([
  [{ state: "committed", revision: 7 }, "it was done, as revision 7."],
  [{ state: "refused", code: "conflict" }, "it was refused (conflict)."],
  [{ state: "never" }, "it was not done, and never will be."],
  [{ state: "unknown" }, "cannot tell any more. Look at the key before you try again."],
] as const)("a queued write of unknown outcome is told as that, and then as %j", async (fate, told) => {
  const { refuse, store, away } = awayStore();
  store.fate = fate;
  const terminal = await menuOn(away);
  await putCity(terminal);
  await terminal.shows("  Queued: put city. It is sent when the server is back.");
  await terminal.shows("1 queued");
  refuse(new KeyroomError("unknown_outcome", "The answer\x1b[2J never came.", { op: "op:1" }));
  const screen = await terminal.fits((screen) => screen.replaceAll(/\n +/g, " ").includes(told));
  expect(screen.replaceAll(/\n +/g, " ")).toContain(
    "* Outcome unknown: put city. The answer\\x1b[2J never came. Asking the server…\n* Of put city: The server",
  );
  await terminal.fits((screen) => !screen.includes("queued"));
  expect(store.calls).toContainEqual(["alice", "outcome", "op:1"]);
});

test("a queued write that is refused is told as not committed, with its reason", async () => {
  const { refuse, away } = awayStore();
  const terminal = await menuOn(away);
  await putCity(terminal);
  await terminal.shows("1 queued");
  refuse(new KeyroomError("conflict", "Somebody else changed it."));
  await terminal.shows("* Not committed: put city. Somebody else changed it.\n");
});

test("where the outcome cannot be asked about, that is told in words", async () => {
  const { refuse, store, away } = awayStore();
  store.failure = { command: "outcome", error: new KeyroomError("timeout", "No answer in time.") };
  const terminal = await menuOn(away);
  await putCity(terminal);
  await terminal.shows("1 queued");
  refuse(new KeyroomError("unknown_outcome", "The answer never came.", { op: "op:1" }));
  await terminal.shows("* Of put city: The server could not be asked. No answer in time.\n");
});

test("a settled write is told with its revision", async () => {
  const { refuse, away } = awayStore();
  const terminal = await menuOn(away);
  await putCity(terminal);
  await terminal.shows("1 queued");
  refuse(new KeyroomError("unknown_outcome", "The answer never came.", { op: "op:1" }));
  expect(await terminal.shows("it was done")).toContain("revision 7");
});

test("an error where the keys would be suggested is shown there", async () => {
  const store = new FakeStore();
  store.failure = { command: "list", error: new KeyroomError("timeout", "No answer in time.") };
  const terminal = await menuOn(store);
  terminal.press("g", KEYS.enter);
  await terminal.shows("? Get key\n ! No answer in time.\n");
  terminal.press(KEYS.escape);
  await terminal.shows("chooses");
});

test("a silent or lost connection is told of once, however often it is tried to restore it", async () => {
  const listeners: StoreEvents["state"][] = [];
  const on: Store["on"] = (event, listener) => {
    // The event's name says which listener it is.
    if (event === "state") listeners.push(listener as StoreEvents["state"]);
    return () => undefined;
  };
  const terminal = await menuOn(Object.assign(new FakeStore(), { on }));
  const say = (...news: Parameters<StoreEvents["state"]>) => listeners.map((listener) => listener(...news));
  say("reconnecting", "The connection is lost.");
  say("reconnecting", "Cannot reach the server.");
  say("connected", "Connected again.");
  say("stale", "No word from the server.");
  say("connected", "The server answers again.");
  say("stale", "No word from the server.");
  say("reconnecting", "The connection is lost again.");
  await terminal.shows(`* The connection is lost. Reconnecting…
* Connected again.
* No word from the server. Still waiting…
* The server answers again.
* No word from the server. Still waiting…
* The connection is lost again. Reconnecting…
`);
});

test("a fault of the menu's own is not hidden", async () => {
  const store = new FakeStore();
  store.failure = { command: "put", error: new TypeError("a bug") };
  const { terminal, exit } = openMenu({ host: "127.0.0.1", port: 1, user: "alice", connect: async () => store });
  const failed = expect(exit).rejects.toThrow("a bug");
  await terminal.shows("chooses");
  await putCity(terminal);
  await failed;
});
