/** What clients of a real server see is recorded, and is right. */
import { expect, test } from "@jest/globals";
import type { WatchEvent } from "../../client/sdk/replica.ts";
import { check, report } from "../history/check.ts";
import { RecordedStore } from "../history/recorded-store.ts";
import { Recorder } from "../history/recorder.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { starter } from "../support/start.ts";

const { serve, store } = starter();

test("calls, watches and roles, as their clients see them", async () => {
  const server = await serve({ upgrade: "open" });
  const recorder = new Recorder();
  const ann = new RecordedStore("ann's", await store(server.url, { user: "ann", password: "secret" }), recorder);
  const boss = new RecordedStore("boss's", await store(server.url, { user: "boss", password: "secret" }), recorder);
  expect((await rejectionOf(boss.room("ann").get("k"))).code).toBe("forbidden");
  await boss.upgrade();
  const watch = boss.room("ann").watch();
  const events: WatchEvent[] = [];
  let enough: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    enough = resolve;
  });
  // The snapshot, a put, a delete and a put.
  watch.on("event", (event) => {
    if (events.push(event) === 4) enough();
  });
  await ann.put("k", "1", { ifRevision: 0 });
  expect((await rejectionOf(ann.put("k", "2", { ifRevision: 0 }))).code).toBe("conflict");
  await ann.get("k");
  await ann.list();
  await ann.delete("k");
  const iterated = ann.watch({ key: "j" });
  await ann.put("j", "3");
  for await (const event of iterated) if (event.kind !== "end" && event.puts.length > 0) break;
  await done;
  recorder.quiet();

  const history = recorder.history();
  expect(report(history, check(history))).toBe("");
  const told = history.events.flatMap((event) =>
    event.kind === "told" && event.watch === watch.number ? [event.event] : [],
  );
  expect(told).toEqual(events);
  expect(history.events.map(({ kind }) => kind).filter((kind) => kind !== "told" && kind !== "state")).toEqual([
    ...["role", "session", "role", "session", "invoked", "refused", "role", "role", "opened"],
    ...[
      "invoked",
      "answered",
      "invoked",
      "refused",
      "invoked",
      "answered",
      "invoked",
      "answered",
      "invoked",
      "answered",
    ],
    ...["opened", "invoked", "answered", "quiet"],
  ]);
  expect(history.events).toContainEqual(
    expect.objectContaining({ kind: "told", watch: iterated.number, by: "iterator" }),
  );
  expect(history.events).toContainEqual(
    expect.objectContaining({
      kind: "invoked",
      user: "ann",
      room: "ann",
      request: expect.objectContaining({ conditions: [{ key: "k", revision: 0 }] }),
    }),
  );
});

test("events are recorded once, however many listen, and wait for whoever iterates when nobody does", async () => {
  const server = await serve();
  const recorder = new Recorder();
  const ann = new RecordedStore("ann's", await store(server.url, { user: "ann", password: "secret" }), recorder);
  const watch = ann.watch();
  const first = new Promise<WatchEvent>((resolve) => {
    watch.on("event", () => undefined);
    watch.on("event", resolve);
  });
  await first;
  const told = recorder.history().events.filter(({ kind }) => kind === "told");
  expect(told).toHaveLength(1);
});
