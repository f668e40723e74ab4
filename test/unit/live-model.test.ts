import { expect, test } from "@jest/globals";
import { roomFilter } from "../../client/live/filter.ts";
import { LiveModel } from "../../client/live/model.ts";
import { MAX_PAST } from "../../client/live/past.ts";
import { MAX_RECENT } from "../../client/live/recent.ts";
import { MARK_MS, MAX_ROWS } from "../../client/live/table.ts";
import { end, entry, gap, NOON, put, remove, snapshot, told } from "../support/live.ts";

/** The rows of the table, as `room key value`. */
function rowsOf(model: LiveModel, now = NOON): string[] {
  return model.table(now).map(({ room, key, preview }) => `${room} ${key} ${preview?.text ?? "deleted"}`);
}

function newestOf(model: LiveModel): string[] {
  return model.newest().map((row) => `${row.kind} ${row.room}${"key" in row ? ` ${row.key}` : ""}`);
}

test("the newest come first: puts, deletes, gaps with what differs, and ends; a beginning is no news", () => {
  const model = told([
    snapshot("bob", entry("old", "0")),
    put("bob", "a", "1"),
    remove("bob", "a"),
    gap("bob", [entry("b", "2")], ["old"]),
    end("bob", "Deleted."),
  ]);
  expect(newestOf(model)).toEqual(["end bob", "gone bob old", "put bob b", "gap bob", "delete bob a", "put bob a"]);
  expect([model.changes, model.gaps, model.rooms.size]).toEqual([2, 1, 0]);
});

test("the list keeps the last 1,000 lines, also of one change with more keys", () => {
  const model = new LiveModel();
  for (let i = 0; i < 5 * MAX_RECENT; i++) model.apply(put("bob", `k${i}`, "1"), NOON);
  expect(model.newest()).toHaveLength(MAX_RECENT);
  expect(newestOf(model).slice(0, 2)).toEqual(["put bob k4999", "put bob k4998"]);
  expect(newestOf(model).at(-1)).toBe("put bob k4000");
  model.apply(
    gap(
      "bob",
      Array.from({ length: 1_500 }, (_, i) => entry(`g${i}`, "1")),
      [],
    ),
    NOON,
  );
  expect(newestOf(model).at(-1)).toBe("put bob g500");
});

test("with a filter a busy room does not push out what one wants to see", () => {
  const model = told([snapshot("bob"), snapshot("bobby"), put("bob", "city", "1"), put("bobby", "city", "2")]);
  model.show({ room: roomFilter("bob", model.rooms), prefix: "ci" });
  for (let i = 0; i < 2 * MAX_RECENT; i++) model.apply(put("bobby", "city", String(i)), NOON);
  model.apply(put("bob", "country", "3"), NOON);
  model.apply(put("bob", "cinema", "4"), NOON);
  model.apply(end("bob", "Deleted."), NOON);
  expect(newestOf(model)).toEqual(["end bob", "put bob cinema", "put bob city"]);
  model.show({ room: roomFilter("bobb", model.rooms), prefix: "" });
  expect(rowsOf(model)).toEqual([`bobby city "1999"`]);
});

test("the end of all watching is told whatever the filter", () => {
  const model = told([snapshot("bob", entry("a", "1")), snapshot("cleo")]);
  model.show({ room: { name: "cleo", isWhole: true }, prefix: "x" });
  model.lost("*", "You are no manager any more.", NOON);
  expect(newestOf(model)).toEqual(["end *"]);
  expect([rowsOf(model), model.rooms.size]).toEqual([[], 0]);
});

test("the table has each key at its place, whatever the order of changes", () => {
  const model = told([
    snapshot("cleo", entry("z", "1"), entry("a", "1")),
    snapshot("bob"),
    put("bob", "b", "1"),
    put("cleo", "z", "2"),
    put("bob", "a", "1"),
    put("bob", "b", "2"),
  ]);
  expect(rowsOf(model)).toEqual(['bob a "1"', 'bob b "2"', 'cleo a "1"', 'cleo z "2"']);
});

test("a deleted key is shown as deleted for a moment, and comes back when it is set", () => {
  const model = told([put("bob", "a", "1"), put("bob", "b", "1"), remove("bob", "a"), remove("bob", "never shown")]);
  expect(rowsOf(model, NOON + MARK_MS - 1)).toEqual(["bob a deleted", 'bob b "1"']);
  expect(rowsOf(model, NOON + MARK_MS)).toEqual(['bob b "1"']);
  model.apply(remove("bob", "b"), NOON);
  model.apply(put("bob", "b", "2"), NOON);
  expect(rowsOf(model, NOON + MARK_MS)).toEqual(['bob b "2"']);
});

test("a room that begins anew, has a gap or ends leaves nothing that is not there", () => {
  const model = told([snapshot("bob", entry("a", "1"), entry("b", "1")), snapshot("cleo", entry("c", "1"))]);
  model.apply(gap("bob", [entry("b", "2")], ["a"]), NOON);
  expect(rowsOf(model, NOON + MARK_MS)).toEqual(['bob b "2"', 'cleo c "1"']);
  model.apply(gap("bob", [entry("d", "1")], [], true), NOON);
  expect(rowsOf(model)).toEqual(['bob d "1"', 'cleo c "1"']);
  model.apply(end("bob", "Deleted."), NOON);
  expect(rowsOf(model)).toEqual(['cleo c "1"']);
});

test("of more keys than there is space for, the newest are there, and what changes comes in", () => {
  const many = Array.from({ length: MAX_ROWS + 10 }, (_, i) => entry(`k${i}`, "1", { updatedAt: NOON + i }));
  const model = told([snapshot("bob", ...many)]);
  const keys = () => new Set(model.table(NOON).map(({ key }) => key));
  expect(model.leavesOut).toBe(true);
  expect(keys().size).toBe(MAX_ROWS);
  expect([keys().has("k9"), keys().has("k10")]).toEqual([false, true]);
  model.apply(put("cleo", "new", "1"), NOON);
  expect([keys().size, keys().has("new"), keys().has("k10"), keys().has("k11")]).toEqual([MAX_ROWS, true, false, true]);
  model.apply(put("bob", "k11", "2"), NOON);
  model.apply(put("cleo", "newer", "1"), NOON);
  expect([keys().has("k11"), keys().has("k12")]).toEqual([true, false]);
  model.apply(snapshot("bob"), NOON);
  expect([model.leavesOut, keys().size]).toEqual([false, 2]);
});

test("of a long value only its beginning is kept", () => {
  const model = told([put("bob", "a", `"${"é".repeat(100_000)}`)]);
  const [row] = model.table(NOON);
  expect(row?.preview).toEqual({ text: `"\\"${"é".repeat(199)}`, isWhole: false });
});

test("the opened key is asked for once and then follows what happens, whichever comes first", () => {
  const model = told([snapshot("bob", entry("a", "1"))]);
  const late = model.open("bob", "a");
  expect(late.known).toEqual({ kind: "asking" });
  model.apply(put("bob", "a", "3", { revision: 3 }), NOON);
  late.answered(entry("a", "2", { revision: 2 }));
  expect(late.known).toMatchObject({ kind: "entry", entry: { value: "3" } });
  model.apply(put("cleo", "a", "4", { revision: 4 }), NOON);
  model.apply(put("bob", "b", "5", { revision: 4 }), NOON);
  expect(late.known).toMatchObject({ kind: "entry", entry: { value: "3" } });
  late.answered(entry("a", "6", { revision: 6 }));
  expect(late.known).toMatchObject({ kind: "entry", entry: { value: "6" } });
  model.apply(remove("bob", "a", { revision: 7 }), NOON);
  late.failed("Too late.");
  expect(late.known).toEqual({ kind: "nothing" });
  model.apply(put("bob", "a", "7", { revision: 8 }), NOON);
  expect(late.known).toMatchObject({ kind: "entry", entry: { value: "7" } });
  model.closeSubject();
  model.apply(end("bob", "Deleted."), NOON);
  expect([model.subject, late.known.kind]).toEqual([null, "entry"]);
});

test("an opened key that cannot be asked for says why, until an event tells it", () => {
  const model = told([snapshot("bob")]);
  const subject = model.open("bob", "a");
  subject.failed("No answer in time.");
  expect(subject.known).toEqual({ kind: "failed", reason: "No answer in time." });
  model.apply(snapshot("bob", entry("a", "1")), NOON);
  expect(subject.known.kind).toBe("entry");
  model.apply(snapshot("bob"), NOON);
  expect(subject.known.kind).toBe("nothing");
});

test("the history of the opened key is that of the log and what is told since, each change once", () => {
  const model = told([snapshot("bob", entry("a", "1"))]);
  const { past } = model.open("bob", "a");
  const kept = () => past.changes.map(({ revision, by, preview }) => `${revision} ${by} ${preview?.text ?? "deleted"}`);
  model.apply(put("bob", "a", "3", { revision: 3 }), NOON);
  model.apply(put("bob", "b", "x", { revision: 4 }), NOON);
  model.apply(remove("bob", "a", { revision: 5, by: "ada" }), NOON);
  const logged = [
    { revision: 3, at: NOON, by: "bob", value: "3" },
    { revision: 1, at: NOON, by: "bob", value: "1" },
  ];
  past.answered({ changes: logged, more: false, reaches: 1 });
  expect(kept()).toEqual(["5 ada deleted", '3 bob "3"', '1 bob "1"']);
  expect(past.beginning).toBe("");
  past.answered({ changes: logged, more: false, reaches: 2 });
  expect(past.beginning).toBe("The server's log goes back to revision 2.");
  for (let revision = 6; revision < 6 + MAX_PAST; revision++) model.apply(put("bob", "a", "y", { revision }), NOON);
  expect([past.changes.length, kept()[0]]).toEqual([MAX_PAST, '105 bob "y"']);
  model.apply(gap("bob", [entry("a", "2")], []), NOON);
  expect([kept(), past.beginning]).toEqual([[], expect.stringContaining("Open the key again")]);
});

test("a history in pages: each is put behind the last, and what is left out is said", () => {
  const model = told([snapshot("bob")]);
  const { past } = model.open("bob", "a");
  const page = (...revisions: readonly number[]) =>
    revisions.map((revision) => ({ revision, at: NOON, by: "bob", value: "x" }));
  const kept = () => past.changes.map(({ revision }) => revision);
  past.answered({ changes: page(9, 8), more: true, reaches: 1 });
  expect([past.next, past.beginning]).toEqual([8, "Asking for older ones…"]);
  model.apply(put("bob", "a", "y", { revision: 10 }), NOON);
  past.answered({ changes: page(7), more: true, reaches: 1 }, 8);
  expect([kept(), past.next]).toEqual([[10, 9, 8, 7], 7]);
  past.settled();
  expect([past.next, past.beginning]).toEqual([null, "There are older ones. The command history prints all of them."]);
  past.answered({ changes: page(9), more: true, reaches: 1 });
  model.apply(gap("bob", [], []), NOON);
  past.answered({ changes: page(8), more: false, reaches: 1 }, 9);
  expect(kept()).toEqual([]);
  past.answered({ changes: page(...Array.from({ length: MAX_PAST }, (_, i) => 500 - i)), more: true, reaches: 1 });
  expect([past.next, past.beginning]).toEqual([null, expect.stringContaining("There are older ones.")]);
  past.failed("No answer in time.");
  expect(past.beginning).toBe("Older changes are not known. No answer in time.");
});

test("what a watch tells later than the answers to an opened key changes nothing, as after a pause", () => {
  const model = told([snapshot("bob", entry("a", "1"))]);
  const subject = model.open("bob", "a");
  subject.answered(entry("a", "4", { revision: 4 }));
  const logged = [
    { revision: 4, at: NOON, by: "bob", value: "4" },
    { revision: 3, at: NOON, by: "bob", value: null },
    { revision: 2, at: NOON, by: "bob", value: "2" },
  ];
  subject.past.answered({ changes: logged, more: false, reaches: 1 });
  const kept = () => [subject.known, subject.past.changes.map(({ revision }) => revision)];
  const [known, revisions] = kept();
  model.apply(put("bob", "a", "2", { revision: 2 }), NOON);
  expect(kept()).toEqual([known, revisions]);
  model.apply(remove("bob", "a", { revision: 3 }), NOON);
  model.apply(put("bob", "a", "4", { revision: 4 }), NOON);
  expect(kept()).toEqual([known, revisions]);
  model.apply(put("bob", "a", "5", { revision: 5 }), NOON);
  expect(kept()).toMatchObject([{ entry: { value: "5" } }, [5, 4, 3, 2]]);
});
