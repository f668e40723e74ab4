import { describe, expect, test } from "@jest/globals";
import { at, caughtBy, done, entry, list, page, put, remove, Story, write } from "../history/story.ts";

/** ann writes a, b and (in one commit) c and d; `watches` begin before that. */
function written(story: Story): Story {
  story.call(put("a", "1"), done(1, 1)).call(put("b", "2"), done(2, 1));
  return story.call(write({ c: "3", d: "4" }), done(3, 1));
}

const A = entry("a", "1", 1);
const B = entry("b", "2", 2);
const C = entry("c", "3", 3);
const D = entry("d", "4", 3);

describe("right watches", () => {
  test("one from the beginning, one from a snapshot, one from a position, one of a key", () => {
    const story = new Story();
    const [all, key] = [story.open(), story.open({ key: "b" })];
    story.snapshot(all, at(0)).snapshot(key, at(0));
    written(story);
    const [late, resumed] = [story.open(), story.open({}, { from: at(1) })];
    story.change(all, at(1), [A]).change(all, at(2), [B]).change(all, at(3), [C, D]);
    story.change(key, at(2), [B]).snapshot(late, at(2), A, B).change(late, at(3), [C, D]);
    story.change(resumed, at(2), [B]).change(resumed, at(3), [C, D]);
    expect(story.quiet(all, key, late, resumed).caughtBy).toEqual([]);
  });

  test("a gap in one life, and one into the next", () => {
    const story = new Story();
    const watch = story.open();
    story.snapshot(watch, at(0));
    written(story).change(watch, at(1), [A]).gap(watch, at(3), [B, C, D]);
    story
      .lose()
      .call(put("a", "5"), done(1, 1))
      .gap(watch, at(1, "F"), [entry("a", "5", 1)], ["b", "c", "d"]);
    story.call(remove("a"), done(2)).change(watch, at(2, "F"), [], ["a"]);
    expect(story.quiet(watch).caughtBy).toEqual([]);
  });

  test("a room that is deleted and born again", () => {
    const story = new Story().witness();
    const watch = story.open({}, { room: "*", user: "boss" });
    story.snapshot(watch, at(0)).committed(at(1), [entry("a", "1", 1, 1, "eve")], [], "eve");
    story
      .change(watch, at(1), [entry("a", "1", 1, 1, "eve")])
      .committed(at(2), [], ["a"], "system")
      .lose("ann");
    const gone = { kind: "change", reset: false, room: "ann", position: at(2), at: 1_002, by: "system" } as const;
    story.say({ kind: "told", watch, by: "listener", event: { ...gone, puts: [], deletes: ["a"] } });
    expect(story.end(watch).quiet(watch).caughtBy).toEqual([]);
    expect(story.snapshot(watch, at(0, "F")).quiet(watch).caughtBy).toEqual([]);
  });
});

describe("a wrong watch is caught by the validator of what it breaks", () => {
  const cases: Readonly<Record<string, (story: Story, watch: number) => void>> = {
    "ordered: two changes come the wrong way round": (story, watch) => {
      story.change(watch, at(2), [B]).change(watch, at(1), [A]).change(watch, at(3), [C, D]);
    },
    "ordered: something comes after the close": (story, watch) => {
      story.change(watch, at(1), [A]).state(watch, "closed").change(watch, at(2), [B]);
    },
    "unique: a change comes twice": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(2), [B]).change(watch, at(2), [B]);
    },
    "unique: a change comes again behind a gap": (story, watch) => {
      story.change(watch, at(1), [A]).gap(watch, at(3), [B, C, D]).change(watch, at(1), [A]);
    },
    "complete: one is left out between two": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(3), [C, D]);
    },
    "complete: the last is left out": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(2), [B]).quiet(watch);
    },
    "atomic: half a commit": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(2), [B]).change(watch, at(3), [C]);
    },
    "resumable: a gap that lost nothing": (story, watch) => {
      story.change(watch, at(1), [A]).gap(watch, at(1), []);
    },
    "resumable: a gap that tells half of what differs": (story, watch) => {
      story.change(watch, at(1), [A]).gap(watch, at(3), [B, C]);
    },
    "resumable: a gap that deletes too much": (story, watch) => {
      story.change(watch, at(1), [A]).gap(watch, at(3), [B, C, D], ["a"]);
    },
    "resumable: a gap back": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(2), [B]).gap(watch, at(1), [], ["b"]);
    },
    "resumable: a second snapshot": (story, watch) => {
      story.change(watch, at(1), [A]).snapshot(watch, at(2), A, B);
    },
    "faithful: another value": (story, watch) => {
      story.change(watch, at(1), [entry("a", "one", 1)]);
    },
    "faithful: another author": (story, watch) => {
      story.change(watch, at(1), [entry("a", "1", 1, 1, "eve")]);
    },
    "faithful, outcomes: an entry of another revision than its change": (story, watch) => {
      story.change(watch, at(1), [A]).change(watch, at(2), [{ ...B, revision: 1 }]);
    },
    "faithful: a key twice in one change": (story, watch) => {
      story.change(watch, at(1), [A, A]);
    },
  };

  test.each(Object.entries(cases))("%s", (name, tell) => {
    const story = new Story();
    const watch = story.open();
    written(story.snapshot(watch, at(0)));
    tell(story, watch);
    expect(story.caughtBy).toEqual(name.split(":")[0]?.split(", "));
  });

  test("ordered: a change before the snapshot", () => {
    const story = new Story();
    const watch = story.open();
    written(story).change(watch, at(3), [C, D]).snapshot(watch, at(3), A, B, C, D);
    expect(story.caughtBy).toEqual(["ordered", "resumable"]);
  });

  test.each([
    ["complete", [A, C, D]],
    ["atomic", [A, B, C]],
    ["faithful", [A, B, C, { ...D, version: 2 }, entry("e", "5", 3)]],
    ["faithful", [A, B, C, D, entry("e", "5", 4)]],
  ])("%s: a snapshot that has %j", (name, entries) => {
    const story = written(new Story());
    const watch = story.open();
    expect(story.snapshot(watch, at(3), ...entries).caughtBy).toEqual([name]);
  });

  test("atomic, and not linearizable: a page with half a commit", () => {
    expect(written(new Story()).call(list, page(at(3), A, B, C)).caughtBy).toEqual(["atomic", "linearizable"]);
  });

  test("complete: a filtered watch lacks what another was told", () => {
    const story = new Story();
    const [all, part] = [story.open(), story.open({ prefix: "b" })];
    story.snapshot(all, at(0)).snapshot(part, at(0));
    written(story).change(all, at(1), [A]).change(all, at(2), [B]).change(all, at(3), [C, D]);
    expect(story.quiet(all).caughtBy).toEqual([]);
    expect(story.quiet(all, part).caughtBy).toEqual(["complete"]);
  });

  test("complete: a watch that is live in a life that is over", () => {
    const story = new Story();
    const watch = story.open();
    written(story.snapshot(watch, at(0)));
    story.change(watch, at(1), [A]).change(watch, at(2), [B]).change(watch, at(3), [C, D]);
    story
      .call(list, page(at(3), A, B, C, D))
      .lose()
      .call(list, page(at(0, "F")));
    expect(story.quiet(watch).caughtBy).toEqual(["complete"]);
  });

  test("resumable: another life without a gap", () => {
    const story = new Story();
    const watch = story.open();
    story.snapshot(watch, at(0)).lose().call(put("a", "1"), done(1, 1));
    expect(story.change(watch, at(1, "F"), [A]).caughtBy).toEqual(["resumable"]);
  });

  test("resumable: an epoch that comes again", () => {
    const story = new Story()
      .call(put("a", "1"), done(1, 1))
      .call(list, page(at(1), A))
      .lose();
    expect(story.call(list, page(at(0))).caughtBy).toEqual(["resumable"]);
  });

  test("resumable: a gap of what the log keeps", () => {
    const story = new Story();
    const watch = story.open();
    written(story.snapshot(watch, at(0))).gap(watch, at(3), [A, B, C, D]);
    expect(story.caughtBy).toEqual([]);
    expect(caughtBy({ ...story.history, logRecords: 3 })).toEqual(["resumable"]);
  });

  test("with a witness, all that is told is compared with what was committed", () => {
    const story = new Story().witness();
    const watch = story.open();
    const writing = story.snapshot(watch, at(0)).invoke(write({ a: "1", b: "2" }));
    const [a, b] = [entry("a", "1", 1), entry("b", "2", 1)];
    story.committed(at(1), [a, b]).answer(writing, done(1, 1));
    const told = (...puts: (typeof a)[]) => caughtBy({ events: [...story.history.events, ...changed(watch, puts)] });
    expect(told(a, b)).toEqual([]);
    expect(told(a)).toEqual(["atomic"]);
    expect(told(a, { ...b, version: 7 })).toEqual(["faithful"]);
    expect(told(a, b, entry("c", "1", 1))).toEqual(["faithful"]);
  });
});

function changed(watch: number, puts: (typeof A)[]) {
  const story = new Story();
  return story.change(watch, at(1), puts).history.events;
}
