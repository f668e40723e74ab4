/** What a session said of durability, and what a restart took. */
import { expect, test } from "@jest/globals";
import { durable } from "../history/durable.ts";
import type { HistoryEvent } from "../history/history.ts";
import { at, done, entry, list, page, put, Story } from "../history/story.ts";

const EMPTY = page(at(0, "F"));
const SAME_LIFE = page(at(0));
const FULL = page(at(1), entry("a", "1", 1));

/** Sessions of ann, in which these words were said; then she puts a. */
function written(...words: string[]): Story {
  return said(...words).call(put("a", "1"), done(1, 1));
}

function said(...words: string[]): Story {
  return new Story().say(...words.map(session));
}

function session(durability: string): HistoryEvent {
  return { kind: "session", client: "ann's", durability };
}

/** By this validator alone: the others take each restart for the end of everything. */
function isBroken(story: Story): boolean {
  return durable.validate(story.history).length > 0;
}

test("with memory, a restart may take everything; its life then has another epoch", () => {
  expect(written("memory").call(list, FULL).lose().call(list, EMPTY).caughtBy).toEqual([]);
  expect(written("memory").call(list, FULL).lose().call(list, SAME_LIFE).caughtBy).toEqual(["resumable"]);
});

test("a word that no server of this version has", () => {
  expect(written("disk").caughtBy).toEqual(["candid"]);
});

test("with more than memory, no restart takes what was acknowledged", () => {
  expect(isBroken(written("disk").lose().call(list, FULL))).toBe(false);
  expect(written("disk").lose().call(list, EMPTY).caughtBy).toEqual(["candid", "durable"]);
  const reborn = said("disk").lose("ann").call(put("a", "1"), done(1, 1));
  expect(isBroken(reborn.lose().call(list, EMPTY).lose("ann"))).toBe(true);
});

test("what was said last before the acknowledgement counts, to whom it was said", () => {
  expect(isBroken(written("memory", "disk").lose().call(list, EMPTY))).toBe(true);
  expect(isBroken(written("disk").say(session("memory")).lose().call(list, EMPTY))).toBe(true);
  expect(isBroken(written("disk", "memory").lose().call(list, EMPTY))).toBe(false);
  const other = said("disk").call(put("a", "1"), done(1, 1), { user: "eve" });
  expect(isBroken(other.lose().call(list, EMPTY))).toBe(false);
});

test("nothing is broken where it was not acknowledged or was deleted, or where the page shows no loss", () => {
  expect(isBroken(said("disk").call(put("a", "1"), "unknown_outcome").lose().call(list, EMPTY))).toBe(false);
  expect(isBroken(written("disk").lose("ann").lose().call(list, EMPTY))).toBe(false);
  expect(isBroken(written("disk").call(list, EMPTY))).toBe(false);
  expect(isBroken(written("disk").lose().call(list, EMPTY, { room: "eve" }))).toBe(false);
  const [late, early] = [said("disk"), said("disk")];
  const [writing, reading] = [late.invoke(put("a", "1")), early.invoke(list)];
  expect(isBroken(late.lose().answer(writing, done(1, 1)).call(list, EMPTY))).toBe(false);
  expect(isBroken(early.call(put("a", "1"), done(1, 1)).lose().answer(reading, EMPTY))).toBe(false);
});
