import { expect, test } from "@jest/globals";
import { RESERVED_NAMES } from "../../protocol/input-fields.ts";
import { authorizeGoverning, authorizeRoom } from "../../server/domain/access.ts";
import { caller } from "../support/domain-fakes.ts";
import { refusalOf } from "../support/refusal.ts";

/** The table once more, so that a change of the code's is a change of two places. */
const ALLOWED = [
  ["guest", "read", "ann", true],
  ["guest", "write", "ann", true],
  ["guest", "read", "bob", false],
  ["guest", "write", "bob", false],
  ...RESERVED_NAMES.flatMap((name) => [
    ["guest", "read", name, false] as const,
    ["guest", "write", name, false] as const,
    ["manager", "read", name, true] as const,
    ["manager", "write", name, false] as const,
  ]),
  ["manager", "read", "ann", true],
  ["manager", "write", "ann", true],
  ["manager", "read", "bob", true],
  ["manager", "write", "bob", true],
] as const;

test.each(ALLOWED)("ann as a %s, %s of the room %s: %s", (role, action, room, allowed) => {
  const ask = () => authorizeRoom(caller("ann", role), action, room);
  if (allowed) expect(ask).not.toThrow();
  else expect(refusalOf(ask).code).toBe("forbidden");
});

test("a guest is told which room, and what would help", () => {
  const { message } = refusalOf(() => authorizeRoom(caller("ann"), "write", "bob"));
  expect(message).toBe("You are a guest: you may not write the room of bob. Upgrade to manager first.");
});

test("a manager is not sent for the role that he has", () => {
  const { message } = refusalOf(() => authorizeRoom(caller("ann", "manager"), "write", "shared"));
  expect(message).toBe("Nobody may write the room shared through this door.");
});

test("only managers govern", () => {
  expect(() => authorizeGoverning(caller("ann", "manager"))).not.toThrow();
  const refusal = refusalOf(() => authorizeGoverning(caller("ann")));
  expect([refusal.code, refusal.message]).toEqual([
    "forbidden",
    "Only managers may do this. Upgrade to manager first.",
  ]);
});
