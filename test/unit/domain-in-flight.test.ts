import { expect, test } from "@jest/globals";
import { InFlight } from "../../server/domain/in-flight.ts";
import { hasSettled } from "../support/domain-fakes.ts";

/** Work that ends when it is told to. */
function work() {
  let end: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve("done");
    fail = reject;
  });
  return { run: () => promise, end: () => end(), fail: (error: Error) => fail(error) };
}

test("gives back what the work gives, and whoever has nothing under way is idle", async () => {
  const inFlight = new InFlight();
  await inFlight.idle("ann");
  expect(await inFlight.track("ann", () => Promise.resolve(5))).toBe(5);
  await expect(inFlight.track("ann", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await inFlight.idle("ann");
});

test("work begins at once", () => {
  const order: string[] = [];
  void new InFlight().track("ann", async () => order.push("work"));
  order.push("after");
  expect(order).toEqual(["work", "after"]);
});

test("a user is idle when all he had under way has ended, however it ended", async () => {
  const inFlight = new InFlight();
  const [first, second, bobs] = [work(), work(), work()];
  const tracked = [inFlight.track("ann", first.run), inFlight.track("ann", second.run).catch(String)];
  void inFlight.track("bob", bobs.run);
  const waiting = [inFlight.idle("ann"), inFlight.idle("ann")];
  first.end();
  expect(await hasSettled(Promise.any(waiting))).toBe(false);
  second.fail(new Error("broken"));
  await Promise.all(waiting);
  expect(await Promise.all(tracked)).toEqual(["done", "Error: broken"]);
  expect(await hasSettled(inFlight.idle("bob"))).toBe(false);
});

test("what comes later is not waited for, so that a busy user ends too", async () => {
  const inFlight = new InFlight();
  const [first, later] = [work(), work()];
  void inFlight.track("ann", first.run);
  const waiting = inFlight.idle("ann");
  void inFlight.track("ann", later.run);
  first.end();
  await waiting;
  expect(await hasSettled(inFlight.idle("ann"))).toBe(false);
});
