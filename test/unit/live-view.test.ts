import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LiveModel } from "../../client/live/model.ts";
import { widthOf } from "../../client/terminal/fit.ts";
import { end, entry, gap, LivePicture, NOON, put, remove, snapshot, told } from "../support/live.ts";

const S = 1_000;

/** Two rooms, some keys, and ten seconds of changes. */
function lively(): LiveModel {
  const model = told([
    snapshot("bob", entry("city", "Kolkata", { updatedAt: NOON - 3_600 * S })),
    snapshot("東京", entry("天気", "晴れ", { updatedBy: "ada", revision: 41, updatedAt: NOON - 90 * S })),
  ]);
  for (let s = 0; s < 8; s++) {
    const at = NOON + s * S;
    for (let i = 0; i <= s; i++) model.apply(put("bob", "count", `${s}.${i}`, { at, revision: 2 + s }), at);
  }
  const at = NOON + 8 * S;
  model.apply(put("bob", "city", 'São "Paulo"', { at, by: "ada", revision: 10 }), at);
  model.apply(remove("bob", "count", { at, revision: 11 }), at);
  model.apply(put("東京", "天気", "雨☔のち晴れ", { at, revision: 42 }), at + 500);
  return model;
}

test("newest first, with a bar of the last seconds for each room", () => {
  const picture = new LivePicture(lively());
  picture.now = NOON + 9 * S;
  expect(picture.text).toBe(`Live · 127.0.0.1:3000 · all rooms (2) · ● connected · 6.0 changes/s
bob           ▁▂▃▄▅▆▇█▂   5.8/s   東京                  ▁   0.3/s
  time      room  by    change
  14:03:20  東京  東京  天気 = "雨☔のち晴れ"
  14:03:20  bob   bob   count deleted
  14:03:20  bob   ada   city = "São \\"Paulo\\""
  14:03:19  bob   bob   count = "7.7"
  14:03:19  bob   bob   count = "7.6"
  14:03:19  bob   bob   count = "7.5"
  14:03:19  bob   bob   count = "7.4"
  14:03:19  bob   bob   count = "7.3"
  14:03:19  bob   bob   count = "7.2"
  14:03:19  bob   bob   count = "7.1"
  14:03:19  bob   bob   count = "7.0"
── newest first · 1–11 of 39 changes ──────────────────────────────────────────
t table · r room · / keys · space pauses · ↑↓ choose · ⏎ open · q back`);
});

test("the table, with what changed a moment ago marked by a dot", () => {
  const picture = new LivePicture(lively(), 80, 11);
  picture.press("t", "down");
  picture.now = NOON + 9 * S;
  expect(picture.text).toBe(`Live · 127.0.0.1:3000 · all rooms (2) · ● connected · 6.0 changes/s
❯•bob   city   "São \\"Paulo\\""                                 10  ada      1 s
 •bob   count  (deleted)                                       11  bob      1 s
 •東京  天気   "雨☔のち晴れ"                                  42  東京     1 s





── 3 keys ─────────────────────────────────────────────────────────────────────
t newest first · r room · / keys · space pauses · ↑↓ choose · ⏎ open · q back`);
  picture.now = NOON + 120 * S;
  expect(picture.text).toContain(`
❯ bob   city  "São \\"Paulo\\""                                  10  ada    1 min
  東京  天気  "雨☔のち晴れ"                                   42  東京   1 min
`);
});

test("at 40 columns", () => {
  const picture = new LivePicture(lively(), 40, 18);
  picture.now = NOON + 9 * S;
  expect(picture.text).toBe(`Live · 127.0.0.1:3000 · all rooms (2)
● connected · 6.0 changes/s
bob           ▁▂▃▄▅▆▇█▂   5.8/s
  time      room  change
  14:03:20  東京  天気 = "雨☔のち晴れ"
  14:03:20  bob   count deleted
  14:03:20  bob   city = "São \\"Paulo\\…
  14:03:19  bob   count = "7.7"
  14:03:19  bob   count = "7.6"
  14:03:19  bob   count = "7.5"
  14:03:19  bob   count = "7.4"
  14:03:19  bob   count = "7.3"
  14:03:19  bob   count = "7.2"
  14:03:19  bob   count = "7.1"
── newest first · 1–10 of 39 changes ──
t table · r room · / keys
space pauses · ↑↓ choose · ⏎ open
q back`);
  picture.press("t");
  expect(picture.text).toContain(`
  room  key    value                age
 •bob   city   "São \\"Paulo\\""      1 s
 •bob   count  (deleted)            1 s
 •東京  天気   "雨☔のち晴れ"       1 s
`);
});

test("a key, whole: its value over several lines, and what is not shown is said", () => {
  const model = lively();
  const picture = new LivePicture(model, 60, 18);
  picture.now = NOON + 70 * S;
  picture.press("t", "down", "\r");
  const { past } = model.open("bob", "city");
  expect(picture.text).toContain("bob · city\nAsking the server…\n");
  model.apply(put("bob", "city", "one\ntwo\twords\n\u001b[2Jthree", { at: NOON, by: "ada", revision: 12 }), NOON);
  const logged = [
    { revision: 10, at: NOON - 3 * S, by: "ada", value: "Porto" },
    { revision: 9, at: NOON - 90 * S, by: "bob", value: null },
    { revision: 7, at: NOON - 200_000 * S, by: "bob", value: "Kolkata, a city of many names and still more people" },
  ];
  past.answered({ changes: logged, more: false, reaches: 5 });
  expect(picture.text).toBe(`Live · 127.0.0.1:3000 · all rooms (2) · ● connected
0 changes/s
bob                         0/s
bob · city
revision 12 · new · by ada · 14:03:12 (1 min)

│ one
│ two\\twords
│ \\x1b[2Jthree

History, newest first
12  14:03:12    ada  "one\\ntwo\\twords\\n\\u001b[2Jthree"
10  14:03:09    ada  "Porto"
 9  14:01:42    bob  deleted
 7  2025-12-30  bob  "Kolkata, a city of many names and st…
The server's log goes back to revision 5.
───────────────────────────────────────────────────────────
↑↓ scroll · space pauses · esc back`);
  model.apply(put("bob", "city", Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n"), { revision: 13 }), NOON);
  expect(picture.text).toContain("── 1–13 of 51 lines ──");
  picture.press("end", "up");
  expect(picture.text).toContain("── 38–50 of 51 lines ──");
  expect(picture.text).toContain("│ line 39\n\nHistory");
  picture.press("home");
  model.apply(put("bob", "city", "x".repeat(200_000), { revision: 14 }), NOON);
  picture.press("end");
  expect(picture.text).toContain("… 200,000 characters in all.");
});

test("a key that is not there, or of which nothing can be known, says so", () => {
  const model = lively();
  const picture = new LivePicture(model);
  picture.press("t", "down", "\r");
  const subject = model.open("bob", "city");
  subject.failed("The server did not answer in time.");
  expect(picture.text).toContain("The server does not tell it. The server did not answer in time.");
  model.apply(remove("bob", "city"), NOON);
  expect(picture.text).toContain("There is no such key now. It is shown here as soon as it is set.");
  model.apply(put("bob", "city", ""), NOON);
  expect(picture.text).toContain("(an empty value)");
});

test("the header is true: connection, watches, the pause and what waits, gaps", () => {
  const picture = new LivePicture(lively());
  const header = (): string => picture.text.split("\n").slice(0, 2).join(" · ");
  const { status } = picture;
  picture.status = { ...status, connection: "stale" };
  expect(header()).toContain(" · ◌ no word from the server · ");
  picture.status = { ...status, connection: "reconnecting", watching: "waiting" };
  expect(header()).toContain(" · ○ reconnecting… · ");
  picture.status = { ...status, connection: "reconnecting", retry: { attempt: 4, inMs: 2_001 } };
  expect(header()).toContain(" · ○ reconnecting in 3 s (attempt 4) · ");
  picture.status = { ...status, connection: "reconnecting", retry: { attempt: 4, inMs: 0 } };
  expect(header()).toContain(" · ○ reconnecting now (attempt 4) · ");
  picture.status = { ...status, watching: "waiting" };
  expect(header()).toContain(" · ◌ connected, catching up · ");
  picture.status = { ...status, watching: "gap" };
  expect(header()).toContain(" · ◌ connected, a gap is told · ");
  picture.status = { ...status, watched: ["bob", "東京"] };
  picture.press(" ");
  expect(header()).toContain(" · bob, 東京 · ● connected · ▌▌ paused · ");
  picture.status = { ...status, watched: ["a", "b", "c", "d"], hasWaiting: true };
  expect(header()).toContain(" · 4 rooms · ● connected · ▌▌ paused, changes wait · ");
  picture.status = { ...status, connection: "closed", watched: [] };
  expect(header()).toContain(" · nothing is watched any more · ○ closed · ");
  const missed = new LivePicture(told([gap("bob", [], []), gap("bob", [entry("a", "1")], [])]));
  expect(missed.text).toContain(" · 2 gaps\n");
  expect(missed.text).toContain("gap: changes were missed; 1 key differs");
  expect(missed.text).toContain("gap: changes were missed; nothing differs");
});

test("in a pause no rate is told, and nothing moves", () => {
  const picture = new LivePicture(lively());
  picture.now = NOON + 9 * S;
  const before = picture.text.split("\n");
  picture.press(" ");
  const after = picture.text.split("\n");
  expect(after[0]).toBe("Live · 127.0.0.1:3000 · all rooms (2) · ● connected · ▌▌ paused");
  expect([before[1] === "", after[1]]).toEqual([false, ""]);
  expect(after.slice(2, -1)).toEqual(before.slice(2, -1));
});

test("a filter leaves the rates of the rooms that it shows", () => {
  const picture = new LivePicture(lively());
  picture.now = NOON + 9 * S;
  picture.press("r", ..."東京", "\r");
  expect(picture.text.split("\n").slice(0, 2)).toEqual([
    "Live · 127.0.0.1:3000 · all rooms (2) · ● connected · 0.3 changes/s",
    "only room 東京",
  ]);
  expect(picture.text.split("\n")[2]).toBe("東京                  █   0.3/s");
  expect(picture.text).not.toContain("bob");
});

test("why something is not watched any more is told whole, over lines, once for all rooms with that reason", () => {
  const model = lively();
  const reason = "The server was started anew, and you are no manager any more. Ask a manager to promote you.";
  for (const room of ["bob", "東京"]) model.lost(room, reason, NOON);
  const picture = new LivePicture(model, 40, 18);
  expect(picture.text).toContain(`
Not watching bob, 東京 any more. The
server was started anew, and you are no
manager any more. Ask a manager to
promote you.
`);
  model.lost("eve", `${"long ".repeat(80)}\u001b[2J`, NOON);
  expect(picture.screen.lines).toHaveLength(18);
});

test("where there is nothing to be seen, it says why", () => {
  const nothing = new LivePicture(told([]));
  expect(nothing.text).toContain("  No changes yet. They appear here as they happen.\n");
  nothing.press("t");
  expect(nothing.text).toContain("  There are no keys yet.\n");
  nothing.press("/", "x", "\r");
  expect(nothing.text).toContain("  Nothing matches. c shows all again.\n");
  nothing.status = { ...nothing.status, watched: ["bob"] };
  nothing.press("c");
  expect(nothing.text).toContain("  Waiting for the server's first word…\n");
  nothing.status = { ...nothing.status, watched: [] };
  expect(nothing.text).toContain("  Nothing is watched. q goes back.\n");
});

test("signs that a plain terminal has", () => {
  const picture = new LivePicture(lively());
  picture.isUnicode = false;
  picture.now = NOON + 9 * S;
  picture.press("t", "down");
  expect(picture.text).toContain("bob           234567893   5.8/s");
  expect(picture.text).toContain("\n>*bob   city ");
  expect(picture.text).toContain("\n-- 3 keys ---");
});

const SEED = 20_261_121;
const wild = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.constantFrom("\u001b]0;title\u0007", "\u001b[2J", "\u202eabc", "\r\n", "東京".repeat(80), "👩‍🚀", "\u009b31m"),
);
const short = fc.string({ unit: "grapheme", maxLength: 5 });
const event = fc.oneof(
  fc.tuple(wild, wild, wild, wild).map(([room, key, value, by]) => put(room, key, value, { by })),
  fc.tuple(wild, wild, wild).map(([room, key, by]) => remove(room, key, { by })),
  fc.tuple(wild, wild, wild).map(([room, key, value]) => snapshot(room, entry(key, value))),
  fc.tuple(wild, wild, wild).map(([room, key, gone]) => gap(room, [entry(key, "1")], [gone])),
  fc.tuple(wild, wild).map(([room, reason]) => end(room, reason)),
);
const pressed = fc.constantFrom("t", "down", "up", "end", "\r", "escape", " ", "r", "/", "c", "x", "backspace");

test(`whatever comes, on screens of any size, lines fit and hold nothing that a terminal obeys (seed ${SEED})`, () => {
  const size = fc.record({ columns: fc.integer({ min: 40, max: 130 }), rows: fc.integer({ min: 6, max: 40 }) });
  const run = fc.record({ events: fc.array(event), keys: fc.array(pressed), typed: short, size, server: wild });
  fc.assert(
    fc.property(run, ({ events, keys, typed, size, server }) => {
      const model = told(events);
      const picture = new LivePicture(model, size.columns, size.rows);
      picture.status = { ...picture.status, server };
      for (const each of keys) {
        picture.press(...(picture.ui.typing === null ? [each] : [each, ...typed]));
        const { opened } = picture.ui;
        if (opened !== null && model.subject === null) model.open(opened.room, opened.key);
        const { lines } = picture.screen;
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) {
          expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
          expect(widthOf(line)).toBeLessThan(size.columns);
        }
      }
    }),
    { seed: SEED, numRuns: 50 },
  );
});
