/** What the menu makes of refusals by locks, one after the other. */
import { afterEach, expect, test } from "@jest/globals";
import { KeyroomError, type Store } from "../../client/sdk/index.ts";
import { FakeStore } from "../support/cli-fake-store.ts";
import { closeMenus, openMenu, picture, put } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

afterEach(closeMenus);

const SINCE = new Date("2026-01-02T12:34:56").getTime();

function lockedBy(user: string): KeyroomError {
  return new KeyroomError("locked", "For programs.", {
    holder: { key: "city", mode: "exclusive", user, since: SINCE },
  });
}

/** A menu whose puts are answered so, one after the other, and what each of them would wait. */
async function menuWith(...answers: readonly (KeyroomError | null)[]) {
  const waits: (number | undefined)[] = [];
  const answer = [...answers];
  const answerPut: Store["put"] = async (_key, _value, { waitMs } = {}) => {
    waits.push(waitMs);
    const next = answer.shift();
    if (next instanceof KeyroomError) throw next;
    return { revision: 5, version: 2 };
  };
  const store = Object.assign(new FakeStore(), { put: answerPut });
  const { terminal } = openMenu({ host: "127.0.0.1", port: 1, user: "alice", connect: async () => store });
  await put(terminal, "city", "Kolkata");
  return { terminal, waits };
}

async function agree(terminal: VirtualTerminal): Promise<void> {
  await terminal.shows("? Wait for that, up to a minute? (y/N)");
  terminal.press("y", KEYS.enter);
}

test("a wait that is over is offered again, and whoever is in the way by then is named", async () => {
  const { terminal, waits } = await menuWith(lockedBy("bob"), lockedBy("e\x1b[2Jve"), null);
  await agree(terminal);
  await terminal.shows("! city is locked: e\\x1b[2Jve comes first, since ");
  await agree(terminal);
  await terminal.shows("  Changed city, revision 5.");
  expect(waits).toEqual([undefined, 60_000, 60_000]);
  expect(picture(terminal.screen)).toContain("! city is locked: bob comes first, since 2026-01-02 (");
  expect(terminal.written).not.toContain("For programs.");
});

test("another refusal at the end of a wait is shown as that", async () => {
  const { terminal } = await menuWith(lockedBy("bob"), new KeyroomError("quota", "The room is full."));
  await agree(terminal);
  await terminal.shows("✔ Wait for that, up to a minute? Yes\n! The room is full.\n");
});

test("a wait whose outcome is unknown is asked about", async () => {
  const unknown = new KeyroomError("unknown_outcome", "The answer never came.", { op: "op:1" });
  const { terminal } = await menuWith(lockedBy("bob"), unknown);
  await agree(terminal);
  await terminal.shows("! The answer never came.\n  The server says: it was done, as revision 7.\n");
});

test("nobody is asked to wait for a lock of which nothing is said", async () => {
  const { terminal, waits } = await menuWith(new KeyroomError("locked", "It is locked."));
  await terminal.shows("! It is locked.\n");
  await terminal.shows("chooses");
  expect(waits).toEqual([undefined]);
});
