import { expect, test } from "@jest/globals";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const secret = { password: "secret" };

test.each([
  ["a name with a space", { user: "a b", ...secret }, "invalid", /no spaces/],
  ["a name with a control character", { user: "a\u001b[2J", ...secret }, "invalid", /control characters/],
  ["an empty name", { user: "", ...secret }, "invalid", /name is empty/],
  ["a name too long", { user: "a".repeat(65), ...secret }, "invalid", /at most 64 characters/],
  ["a reserved name", { user: "shared", ...secret }, "invalid", /Choose another name/],
  ["a name that is no text", { user: 7, ...secret }, "invalid", /"user" to be a text/],
  ["a password that is no text", { user: "ann", password: ["secret"] }, "invalid", /"password" to be a text/],
  ["an empty password", { user: "ann", password: "" }, "invalid", /password is empty/],
  ["a password too long", { user: "ann", password: "p".repeat(1025) }, "too_large", /at most 1024 bytes/],
  ["a name without a password", { user: "ann" }, "unauthenticated", /needs a password/],
  ["a password without a name", secret, "invalid", /without a user name/],
  ["a token that nobody issued", { token: "x" }, "unauthenticated", /no longer good/],
  ["a client id that no server issues", { client: "short" }, "invalid", /client id/],
  ["a field that does not exist", { usre: "ann" }, "invalid", /no field "usre"/],
  ["a protocol that is too old", { protocol: 0 }, "unsupported", /Update the client/],
])("%s is refused in words", async (_what, auth, code, message) => {
  const { url } = await serve();
  const client = plain(url, auth);
  expect(await client.refusal()).toEqual({ code, message: expect.stringMatching(message), retryable: false });
});

test("a wrong password is refused, the right one is not", async () => {
  const { url } = await serve();
  await plain(url, { user: "ann", ...secret }).session();
  expect(await plain(url, { user: "ann", password: "guess" }).refusal()).toMatchObject({
    code: "unauthenticated",
    message: expect.stringMatching(/Wrong password for ann/),
  });
  await plain(url, { user: "ann", ...secret }).session();
});

test("two first sign-ins at once with two passwords: one makes the account, the other is refused", async () => {
  const { url } = await serve();
  const clients = ["one", "two"].map((password) => plain(url, { user: "ann", password }));
  const ends = await Promise.allSettled(clients.map((client) => client.session()));
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("without anonymous guests a name is needed", async () => {
  const { url } = await serve({ anonymous: false });
  expect(await plain(url).refusal()).toMatchObject({ code: "unauthenticated", retryable: false });
});

test("new guests from one address are limited, and the refusal says that trying again makes sense", async () => {
  const { url } = await serve();
  for (let i = 0; i < 20; i++) {
    const guest = plain(url);
    await guest.session();
    guest.socket.disconnect();
  }
  expect(await plain(url).refusal()).toMatchObject({ code: "rate_limited", retryable: true });
});

test("another namespace is refused", async () => {
  const { url } = await serve();
  expect(await plain(`${url}/admin`).events.next("connect_error")).toMatchObject({ message: "Invalid namespace" });
});
