import { expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import { noAccountStore } from "../../server/adapters/accounts-file.ts";
import { TextTalk } from "../../server/dialects/text-talk.ts";
import { Accounts } from "../../server/domain/accounts.ts";
import { Sessions } from "../../server/domain/sessions.ts";
import { FakeConnection, FakeLog } from "../support/domain-fakes.ts";
import { someRooms } from "../support/door-parts.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** A talk of ann's in a domain whose rooms fail, and whose upgrades do what they are told. */
async function talk(failure: unknown) {
  const accounts = new Accounts(noAccountStore, Date.now);
  const sessions = new Sessions(new ManualClock(), 0, () => undefined);
  const fail = () => Promise.reject(failure);
  const rooms = Object.assign(someRooms(), { ask: fail });
  const log = new FakeLog();
  const upgraded: unknown[] = [];
  const roles = {
    upgrade: async (...args: readonly unknown[]) => {
      upgraded.push(args.slice(1));
      throw failure;
    },
  };
  const talk = new TextTalk({
    domain: { accounts, sessions, rooms, roles: roles as never },
    log,
    connection: new FakeConnection(),
    address: "192.0.2.1",
    onName: () => undefined,
  });
  expect(await talk.answer("ann")).toEqual({ text: "success", isLast: false });
  return { accounts, log, sessions, talk, upgraded };
}

test("a refusal is one line, whatever its words", async () => {
  const { log, talk: it } = await talk(new KeyroomError("locked", "Somebody has \n locked it.\r\nWait."));
  for (const command of ["put a b", "get a", "upgrade"]) {
    expect(await it.answer(command)).toEqual({ text: "Somebody has locked it. Wait.", isLast: false });
  }
  expect(log.lines).toEqual([]);
});

test("a fault is told as one, and the log has it", async () => {
  const { log, talk: it } = await talk(new Error("secret"));
  expect((await it.answer("put a b")).text).toBe("Something went wrong in the server; its log has the details.");
  const fault = { level: "error", fields: { err: new Error("secret") }, message: "a request at an older door failed" };
  expect(log.lines).toEqual([fault]);
});

test("what is refused because of a fault is told, and the log has the fault", async () => {
  const failure = new KeyroomError("unavailable", "Could not store it.", { cause: new Error("disk") });
  const { log, talk: it } = await talk(failure);
  expect((await it.answer("upgrade")).text).toBe("Could not store it.");
  expect(log.lines).toMatchObject([{ fields: { err: failure } }]);
});

test("an upgrade comes with what stands behind the word, and with the address it came from", async () => {
  const { talk: it, upgraded } = await talk(new KeyroomError("forbidden", "No."));
  await it.answer("upgrade");
  await it.answer("upgrade open  sesame ");
  await it.answer(`upgrade ${"x".repeat(2_000)}`);
  expect(upgraded).toEqual([
    [undefined, "192.0.2.1"],
    ["open  sesame", "192.0.2.1"],
  ]);
});

test("when the session is ended by others, what is answered is the last", async () => {
  const { sessions, talk: it } = await talk(new Error("not asked"));
  const [session] = sessions.ofUser("ann");
  if (session === undefined) throw new Error("There is no session.");
  sessions.end(session);
  expect(await it.answer("hello")).toMatchObject({ isLast: true });
});

test("what is no text is no name and no command", async () => {
  const { talk: it } = await talk(new Error("not asked"));
  expect(await it.answer(null)).toEqual({ text: "wrong message format", isLast: false });
});
