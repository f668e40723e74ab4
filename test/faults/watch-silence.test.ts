/** A line that says nothing and is not cut: both sides notice, and the watch goes on where it stood. */
import { expect, test } from "@jest/globals";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const auth = { user: "ann", password: "secret" };
/** What a loaded machine adds. */
const MARGIN_MS = 5_000;

test.each([
  // The server's pings come every 5 s and are waited for 4 s longer.
  ["answers", 9_000],
  // A ping still came; the next one does not, because the server has given up.
  ["requests", 14_000],
] as const)(
  "when the %s are held up for ever, the watch says so within %i ms, and has everything afterwards",
  async (direction, noticedMs) => {
    const server = await serve();
    const proxy = await FaultProxy.open(server.url);
    closing(() => proxy.close());
    const writer = await store(server.url, auth);
    const watch = (await store(proxy.url, auth)).watch();
    const revisions: number[] = [];
    let wake = (): void => undefined;
    watch.on("event", (event) => {
      if (event.kind !== "end") revisions.push(event.position.revision);
      wake();
    });
    const told = async (count: number): Promise<void> => {
      while (revisions.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    await told(1);
    const resuming = new Promise<void>((resolve) => watch.on("state", (state) => state === "resuming" && resolve()));
    const since = performance.now();
    proxy.hold(direction);
    await writer.put("a", "1");
    await resuming;
    expect(performance.now() - since).toBeLessThan(noticedMs + MARGIN_MS);
    proxy.cut();
    await writer.put("b", "1");
    await told(3);
    expect(revisions).toEqual([0, 1, 2]);
  },
  40_000,
);
