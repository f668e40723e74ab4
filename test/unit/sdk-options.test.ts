import { expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/connect.ts";
import { rejectionOf } from "../support/keyroom-error.ts";

const NOWHERE = "http://127.0.0.1:1";

test.each([
  "",
  "127.0.0.1:3000",
  "/",
  "http://[",
  "http://127.0.0.1:99999",
  "ws://127.0.0.1:1",
  `${NOWHERE}/foo`,
  `${NOWHERE}/?a=b`,
  `${NOWHERE}/#a`,
  "http://ann:secret@127.0.0.1:1",
])("the URL %j is refused at once, with a sentence", async (url) => {
  const error = await rejectionOf(connect(url));
  expect(error).toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/is no server's URL.*http:.*3000\.$/),
  });
  expect(error.message).not.toContain("secret");
});

test.each(["http://127.0.0.1:1", "http://127.0.0.1:1/", "HTTP://LOCALHOST:1", "https://[::1]:1"])(
  "the URL %j is tried",
  async (url) => {
    expect((await rejectionOf(connect(url, { retry: false }))).code).toBe("unavailable");
  },
);

test.each([Number.POSITIVE_INFINITY, Number.NaN, -1, 0, 0.5, 2 ** 31])(
  "a deadline of %d ms is refused at once, with a sentence",
  async (deadlineMs) => {
    expect(await rejectionOf(connect(NOWHERE, { deadlineMs }))).toMatchObject({
      code: "invalid",
      message: `deadlineMs is ${deadlineMs}, and must be from 1 to 2147483647.`,
    });
  },
);

test.each([1, 2 ** 31 - 1])("a deadline of %d ms is taken", async (deadlineMs) => {
  expect((await rejectionOf(connect(NOWHERE, { deadlineMs, retry: false }))).code).toBe("unavailable");
});
