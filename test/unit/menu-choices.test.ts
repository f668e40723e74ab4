import { expect, test } from "@jest/globals";
import { actionsFor } from "../../client/menu/actions.ts";
import { matching } from "../../client/menu/choices.ts";
import { commandAction } from "../../client/menu/command-action.ts";
import { liveAction } from "../../client/menu/live-action.ts";
import { VirtualTerminal } from "../support/virtual-terminal.ts";

const terminal = new VirtualTerminal();
const special = { live: liveAction({ io: terminal }, "here"), command: commandAction([]) };
const SESSIONS = (["guest", "manager"] as const).flatMap((role) =>
  [null, "bob"].map((others) => ({ role, room: { others } })),
);

function names(typed: string): string[] {
  const choices = actionsFor({ role: "manager", room: { others: "bob" } }, special);
  return matching(choices, typed).map(({ name }) => name);
}

test("each choice has a name and a key of its own, and neither means another", () => {
  for (const session of SESSIONS) {
    const choices = actionsFor(session, special);
    const words = choices.flatMap(({ name, key }) => [name, key]);
    expect(new Set(words).size).toBe(words.length);
    for (const choice of choices) {
      expect(matching(choices, choice.name)[0]).toBe(choice);
      expect(matching(choices, ` ${choice.key.toUpperCase()}`)[0]).toBe(choice);
    }
  }
});

test("what is typed finds by its beginning, by a word, by its letters and by what it does, in this order", () => {
  expect(names("w").slice(0, 2)).toEqual(["watch", "who is there"]);
  expect(names("wat")).toEqual(["watch", "watchers"]);
  expect(names("serv")[0]).toBe("switch server");
  expect(names("brs")).toEqual(["browse"]);
  expect(names("editor")).toEqual(["edit"]);
  expect(names("xyzzy")).toEqual([]);
});

test("nothing typed leaves all as they are", () => {
  expect(names("  ")).toEqual(
    actionsFor({ role: "manager", room: { others: "bob" } }, special).map(({ name }) => name),
  );
});
