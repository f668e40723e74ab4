/** How a watch gets from a position, or from nothing, to the live changes of its room. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Engine, Filter } from "../engine/port.ts";
import type { Feed } from "./feed.ts";
import { restrict } from "./filters.ts";
import { onePage, paginate, type Start, type StartPage, toWire } from "./starts.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Brings a newcomer in.
 * @param open sends the first page; called once, unless this rejects or the subscription is cancelled before
 */
export async function arrive(
  engine: Engine,
  feed: Feed,
  subscription: Subscription,
  from: Position | null,
  open: (page: StartPage) => void,
): Promise<void> {
  const done = feed.reading();
  try {
    for (;;) {
      const start = await read(engine, subscription.room, subscription.filter, from);
      if (subscription.cancelled) return;
      const [first, ...rest] = paginate(start);
      if (first !== undefined && rest.length > 0) {
        await subscription.watcher.drained();
        if (subscription.cancelled) return;
        open(first);
        await sendPages(subscription, rest);
        await catchUp(engine, feed, subscription, start.position);
        return;
      }
      if (await feed.join(subscription, start, (folded) => open(onePage(folded)))) return;
    }
  } finally {
    done();
  }
}

/** Brings a subscriber that was too slow back, at the pace at which it takes what it has missed. */
export async function recover(
  engine: Engine,
  feed: Feed,
  subscription: Subscription,
  position: Position,
): Promise<void> {
  const done = feed.reading();
  try {
    await catchUp(engine, feed, subscription, position);
  } finally {
    done();
  }
}

async function catchUp(engine: Engine, feed: Feed, subscription: Subscription, position: Position): Promise<void> {
  let from = position;
  for (;;) {
    await subscription.watcher.drained();
    if (subscription.cancelled) return;
    const start = await read(engine, subscription.room, subscription.filter, from);
    if (subscription.cancelled) return;
    const pages = paginate(start);
    if (start.kind === "changes" && pages.length === 1) {
      if (await feed.join(subscription, start, (folded) => sendChanges(subscription, folded))) return;
      continue;
    }
    if (start.kind === "changes") await sendChangePages(subscription, pages);
    else await sendPages(subscription, pages);
    from = start.position;
  }
}

async function sendPages(subscription: Subscription, pages: readonly StartPage[]): Promise<void> {
  const { watcher, watch, room } = subscription;
  for (const page of pages) {
    await watcher.drained();
    if (subscription.cancelled) return;
    watcher.push("start", { watch, room, ...page });
  }
}

async function sendChangePages(subscription: Subscription, pages: readonly StartPage[]): Promise<void> {
  const { watcher, watch, room } = subscription;
  for (const { position, changes = [] } of pages) {
    await watcher.drained();
    if (subscription.cancelled) return;
    watcher.push("changes", { watch, room, position, changes });
  }
}

function sendChanges({ watcher, watch, room }: Subscription, start: Start): void {
  if (start.kind !== "changes" || start.changes.length === 0) return;
  watcher.push("changes", { watch, room, position: start.position, changes: start.changes.map(toWire) });
}

/** What the engine can tell somebody who stands at `from`. */
async function read(engine: Engine, room: string, filter: Filter, from: Position | null): Promise<Start> {
  if (from !== null) {
    const [replay] = await engine.run(room, [{ kind: "replay", from }]);
    if (replay?.kind === "refused") throw new KeyroomError(replay.code, replay.message);
    if (replay?.kind === "replayed") {
      const changes = replay.records.map((record) => restrict(record, filter)).filter((change) => change !== null);
      return { kind: "changes", position: replay.position, changes };
    }
  }
  const [snapshot] = await engine.run(room, [{ kind: "snapshot", filter }]);
  if (snapshot?.kind !== "snapshot") throw new KeyroomError("internal", "The engine gave no snapshot.");
  return { kind: from === null ? "snapshot" : "gap", position: snapshot.position, entries: snapshot.entries };
}
