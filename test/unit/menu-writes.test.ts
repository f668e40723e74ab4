import { expect, test } from "@jest/globals";
import { Writes } from "../../client/menu/writes.ts";
import { KeyroomError } from "../../client/sdk/index.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

test("a queued write that met a lock is told of in words for people", async () => {
  const told: string[] = [];
  const writes = new Writes(
    (news) => told.push(news),
    () => undefined,
  );
  const error = new KeyroomError("locked", "The key is locked. Wait for it with `waitMs`, or try again later.");
  await writes.follow("put city", new FakeStore(), Promise.reject(error));
  expect(told).toEqual(["Not committed: put city. The key is locked. Do it again to wait for it, or try again later."]);
});
