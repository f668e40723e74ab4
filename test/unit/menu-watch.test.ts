import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Bulletin } from "../../client/notices/bulletin.ts";
import { type Notice, noticesOf } from "../../client/notices/notice.ts";
import { noticeLines } from "../../client/notices/notice-lines.ts";
import { OwnWrites } from "../../client/notices/own-writes.ts";
import type { WatchEvent } from "../../client/sdk/index.ts";
import { widthOf } from "../../client/terminal/fit.ts";

const AT = new Date(2026, 0, 2, 12, 4, 31).getTime();

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function put(room: string, by: string, key = "city", value = "Lisbon"): Notice {
  return { kind: "put", room, at: AT, by, key, value };
}

/** As Ann sees them. */
function lines(notices: readonly Notice[], columns = 80): string[] {
  return noticeLines(notices, "ann", columns).map(stripVTControlCharacters);
}

function change(room: string, revision: number): WatchEvent {
  const entry = { key: "city", value: "Lisbon", revision, version: 1, updatedAt: AT, updatedBy: room };
  const position = { epoch: "e", revision, tag: 1 };
  return { kind: "change", reset: false, room, position, at: AT, by: room, puts: [entry], deletes: ["old"] };
}

test.each([
  [put("bob", "bob"), 'bob put city = "Lisbon"'],
  [put("ann", "bob"), 'bob put your city = "Lisbon"'],
  [put("bob", "cleo"), `cleo put bob's city = "Lisbon"`],
  [put("bob", "bob", "a\nb", 'x"\u001b[31m\u202e'), String.raw`bob put a\nb = "x\"\u001b[31m\u202e"`],
  [{ kind: "delete", room: "bob", at: AT, by: "ann", key: "city" }, "ann deleted bob's city"],
  [{ kind: "gone", room: "bob", at: AT, key: "city" }, "city is gone from bob's room"],
  [{ kind: "begin", room: "ann", at: AT, keys: 1 }, "Watching your room: 1 key."],
  [{ kind: "gap", room: "bob", at: AT, differs: true }, "Gap in bob's room: not every change is known. What differs:"],
  [{ kind: "waiting", room: "bob", at: AT, reason: "Busy." }, "Watching bob's room has to wait. Busy."],
  [
    { kind: "end", room: "*", at: AT, reason: "It\u202e is over." },
    String.raw`Not watching all rooms any more. It\u{202e} is over.`,
  ],
] as const)("%j is one line", (notice, text) => {
  expect(lines([notice])).toEqual([`12:04:31 ${text}`]);
});

test.each([20, 40, 81])("no line is wider than %i columns", (columns) => {
  const wide = [put("bob", "bob", "鍵".repeat(50), "x"), put("bob", "bob", "k", "ö".repeat(100_000))];
  for (const line of lines(wide, columns)) {
    expect(widthOf(line)).toBeLessThan(columns);
    expect(line.endsWith("…")).toBe(true);
  }
});

test.each(["end", "waiting"] as const)(
  "the reason of a notice of the kind %s is told to its end, on as many lines as it needs",
  (kind) => {
    const reason = "You are a guest: you may not read the room of bob. Upgrade to manager first.";
    const told = lines([{ kind, room: "bob", at: AT, reason }], 40);
    expect(told.length).toBeGreaterThan(2);
    for (const line of told) expect(widthOf(line)).toBeLessThan(40);
    expect(told[0]).toMatch(/^12:04:31 \S/);
    for (const line of told.slice(1)) expect(line).toMatch(/^ {9}\S/);
    expect(told.map((line) => line.slice(9)).join(" ")).toMatch(new RegExp(`bob's room .*${reason}$`));
  },
);

test("many at once are a line for each kind, with numbers, rooms and what is alone in full", () => {
  const many = (n: number, notice: Notice) => Array.from({ length: n }, () => notice);
  const end: Notice = { kind: "end", room: "eve", at: AT, reason: "The room was deleted." };
  const begun = ["a", "b", "c", "d"].map((room): Notice => ({ kind: "begin", room, at: AT, keys: 1 }));
  const waiting: readonly Notice[] = ["bob", "cleo"].map((room) => ({
    kind: "waiting",
    room,
    at: AT,
    reason: "Busy.",
  }));
  expect(lines([...many(3, put("ann", "ann")), end, ...waiting, ...many(95, put("bob", "bob")), ...begun])).toEqual([
    "12:04:31 Watching 4 rooms.",
    "12:04:31 98 changes: 95 in bob's room, 3 in your room.",
    "12:04:31 Watching has to wait: bob's room, cleo's room.",
    "12:04:31 Not watching eve's room any more. The room was deleted.",
  ]);
  const spread = ["a", "b", "c", "d", "e", "f"].map((room) => put(room, room));
  expect(lines(spread, 120)).toEqual([
    "12:04:31 6 changes: 1 in a's room, 1 in b's room, 1 in c's room, 3 other rooms.",
  ]);
  expect(lines(many(6, put("bob", "bob")))).toEqual(["12:04:31 6 changes in bob's room."]);
  expect(lines(spread.slice(0, 5))).toHaveLength(5);
});

test("a gap tells what differs, with who wrote it", () => {
  const entry = { key: "a", value: "1", revision: 2, version: 1, updatedAt: AT, updatedBy: "cleo" };
  const position = { epoch: "e", revision: 2, tag: 1 };
  const gap: WatchEvent = { kind: "gap", reset: false, room: "bob", position, puts: [entry], deletes: ["b"] };
  expect(lines(noticesOf(gap, AT)).map((line) => line.slice(9))).toEqual([
    "Gap in bob's room: not every change is known. What differs:",
    `cleo put bob's a = "1"`,
    "b is gone from bob's room",
  ]);
});

test("what comes close together is shown together; a burst then rests, a single piece hardly", () => {
  const shown: string[] = [];
  const bulletin = new Bulletin<string>((news) => shown.push(news.join("")));
  for (const piece of "abcdefghij") bulletin.add(piece);
  jest.advanceTimersByTime(50);
  expect(shown).toEqual(["abcdefghij"]);
  bulletin.add("k");
  jest.advanceTimersByTime(999);
  bulletin.add("l");
  expect(shown).toHaveLength(1);
  jest.advanceTimersByTime(1);
  expect(shown).toEqual(["abcdefghij", "kl"]);
  jest.advanceTimersByTime(1000);
  bulletin.add("m");
  jest.advanceTimersByTime(50);
  bulletin.add("n");
  jest.advanceTimersByTime(200);
  expect(shown.slice(2)).toEqual(["m", "n"]);
});

test("while it is held nothing is shown, and after it was stopped nothing ever", () => {
  const shown: string[] = [];
  const bulletin = new Bulletin<string>((news) => shown.push(news.join("")));
  const [release, releaseOther] = [bulletin.hold(), bulletin.hold()];
  bulletin.add("a");
  jest.advanceTimersByTime(5000);
  release();
  jest.advanceTimersByTime(5000);
  expect(shown).toEqual([]);
  releaseOther();
  jest.advanceTimersByTime(50);
  expect(shown).toEqual(["a"]);
  bulletin.add("b");
  bulletin.stop();
  jest.advanceTimersByTime(5000);
  expect(shown).toEqual(["a"]);
});

test("an own write is left out once, and never after the room began anew", () => {
  const own = new OwnWrites();
  own.add("bob", 7);
  own.add("bob", 8);
  expect(own.without([change("ann", 7), change("bob", 7), change("bob", 7)])).toEqual([
    change("ann", 7),
    change("bob", 7),
  ]);
  own.forget("bob");
  expect(own.without([change("bob", 8)])).toEqual([change("bob", 8)]);
});
