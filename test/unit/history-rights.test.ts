import { describe, expect, test } from "@jest/globals";
import { at, done, entry, found, get, put, remove, Story } from "../history/story.ts";

const BOSS = { user: "boss" };
const A = entry("a", "1", 1);

describe("authorized", () => {
  /** boss, a manager, watches ann's room; `watch` is its number. */
  function watching(): { story: Story; watch: number } {
    const story = new Story().role("boss", "manager");
    const watch = story.open({}, BOSS);
    return { story: story.snapshot(watch, at(0)), watch };
  }

  test("what was on its way when the role was lost may arrive, and be taken", () => {
    const { story, watch } = watching();
    const writing = story.role("boss", "guest", "asked").invoke(put("a", "1"));
    story.role("boss", "guest").answer(writing, done(1, 1)).change(watch, at(1), [A]);
    expect(story.caughtBy).toEqual([]);
  });

  test("a change of later is too much, unless he became a manager again", () => {
    for (const [again, caught] of [
      [false, ["authorized"]],
      [true, []],
    ] as const) {
      const { story, watch } = watching();
      story.role("boss", "guest").call(put("a", "1"), done(1, 1));
      if (again) story.role("boss", "manager", "asked");
      expect(story.change(watch, at(1), [A]).caughtBy).toEqual(caught);
    }
  });

  test("also inside a gap, and to a watch that asked anew", () => {
    const one = watching();
    one.story.role("boss", "guest").call(put("a", "1"), done(1, 1)).gap(one.watch, at(1), [A]);
    expect(one.story.caughtBy).toEqual(["authorized"]);
    const two = watching();
    two.story.call(put("a", "1"), done(1, 1)).role("boss", "guest").state(two.watch, "resuming");
    expect(two.story.change(two.watch, at(1), [A]).caughtBy).toEqual(["authorized"]);
  });

  test("a guest's watch of another room gets nothing, one of his own does", () => {
    const story = new Story().role("boss", "guest").role("ann", "guest");
    const [mine, foreign] = [story.open(), story.open({}, BOSS)];
    expect(story.snapshot(mine, at(0)).caughtBy).toEqual([]);
    expect(story.snapshot(foreign, at(0)).caughtBy).toEqual(["authorized"]);
  });

  test("a guest's call on another room is refused", () => {
    const story = new Story().role("boss", "guest").call(get("a"), "forbidden", BOSS);
    expect(story.caughtBy).toEqual([]);
    expect(story.call(get("a"), found(null), BOSS).caughtBy).toEqual(["authorized"]);
  });

  test("keys outside the filter, another room, and anything after the client was closed", () => {
    const key = new Story().call(put("a", "1"), done(1, 1));
    expect(key.snapshot(key.open({ prefix: "b" }), at(1), A).caughtBy).toEqual(["authorized"]);
    const room = new Story();
    expect(room.snapshot(room.open({}, { user: "bob", room: "bob" }), at(0)).caughtBy).toEqual(["authorized"]);
    const gone = new Story();
    const watch = gone.open();
    expect(gone.say({ kind: "gone", client: "ann's" }).snapshot(watch, at(0)).caughtBy).toEqual(["authorized"]);
  });
});

describe("outcomes", () => {
  const OP = { op: "c:1" };
  const status = { kind: "status", op: "c:1" } as const;
  const told = (state: "never" | "unknown") => ({ kind: "status", status: { state } }) as const;
  const committedAt = (revision: number) => ({ kind: "status", status: { state: "committed", revision } }) as const;

  test("a repeat gets the same answer, and the question too", () => {
    const story = new Story();
    const lost = story.invoke(put("a", "1"), OP);
    story.refuse(lost, "unknown_outcome", "c:1").call(put("a", "1"), done(1, 1), OP).call(status, committedAt(1));
    expect(story.call(status, told("unknown")).call(get("a"), found(A)).caughtBy).toEqual([]);
  });

  test("a settled outcome has its place", () => {
    const story = new Story();
    story.refuse(story.invoke(put("a", "1")), "unknown_outcome", "c:1").call(put("a", "2"), done(2, 2));
    expect(story.call(status, committedAt(1)).caughtBy).toEqual([]);
    const wrong = new Story();
    wrong.refuse(wrong.invoke(put("a", "1")), "unknown_outcome", "c:1").call(put("a", "2"), done(1, 1));
    expect(wrong.call(status, committedAt(1)).caughtBy).toEqual(["linearizable"]);
  });

  test("a repeat that is answered with a new revision", () => {
    const story = new Story().call(put("a", "1"), done(1, 1), OP).call(put("a", "1"), done(2, 2), OP);
    expect(story.caughtBy).toEqual(["outcomes"]);
  });

  test("a write that runs twice", () => {
    const story = new Story().call(put("a", "1"), done(1, 1)).call(get("a"), found(A));
    expect(story.call(get("a"), found(entry("a", "1", 2, 2))).caughtBy).toContain("outcomes");
    const witnessed = new Story().witness();
    const writing = witnessed.invoke(put("a", "1"));
    witnessed
      .committed(at(1), [A])
      .committed(at(2), [entry("a", "1", 2, 2)])
      .answer(writing, done(1, 1));
    expect(witnessed.caughtBy).toEqual(["faithful", "outcomes"]);
  });

  test("what has never run, or was refused, and is seen", () => {
    const never = new Story();
    never.refuse(never.invoke(put("a", "1")), "unknown_outcome", "c:1").call(status, told("never"));
    expect(never.caughtBy).toEqual([]);
    expect(never.call(get("a"), found(A)).caughtBy).toEqual(["linearizable", "outcomes"]);
    const watch = never.open();
    expect(never.snapshot(watch, at(1), A).caughtBy).toContain("outcomes");
    const refused = new Story().call(put("b", "0"), done(1, 1)).call(put("a", "1", 5), "conflict");
    const other = refused.open();
    expect(refused.snapshot(other, at(2), entry("b", "0", 1), entry("a", "1", 2)).caughtBy).toEqual(["outcomes"]);
  });

  test("two answers to one question", () => {
    const story = new Story();
    story.refuse(story.invoke(put("a", "1")), "unknown_outcome", "c:1").call(status, committedAt(1));
    expect(story.call(status, told("never")).caughtBy).toEqual(["outcomes"]);
  });

  test("with a witness: success of what never happened, and a commit that nobody asked for", () => {
    const story = new Story().witness().call(put("a", "1"), done(1, 1));
    expect(story.caughtBy).toEqual(["outcomes"]);
    const asked = new Story().witness().call(remove("a"), done(null));
    expect(asked.committed(at(1), [A]).caughtBy).toEqual(["faithful"]);
  });
});
