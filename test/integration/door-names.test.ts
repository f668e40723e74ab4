import { expect, test } from "@jest/globals";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const ann = { user: "ann" };

test("whoever comes first holds the name, also while he is away, and only his token leads back", async () => {
  const { url } = await serve({ accounts: "name" });
  const first = plain(url, ann);
  const { token, client, accounts } = await first.session();
  expect(accounts).toBe("name");
  await first.value("put", { key: "city", value: "Kolkata" });
  expect(await plain(url, ann).refusal()).toMatchObject({ code: "name_taken", retryable: false });
  first.socket.disconnect();
  expect(await plain(url, ann).refusal()).toMatchObject({ code: "name_taken" });
  const again = plain(url, { token, client });
  expect(await again.session()).toMatchObject({ user: "ann", resumed: true });
  expect(await again.value("get", { key: "city" })).toMatchObject({ value: "Kolkata" });
});

test("when he quits the room goes with the name", async () => {
  const { url } = await serve({ accounts: "name" });
  const first = plain(url, ann, { reconnection: false });
  const { token } = await first.session();
  await first.value("put", { key: "city", value: "Kolkata" });
  await first.value("logout");
  await first.events.next("disconnect");
  expect(await plain(url, { token }).refusal()).toMatchObject({ code: "unauthenticated" });
  const next = plain(url, ann);
  expect(await next.session()).toMatchObject({ user: "ann", resumed: false });
  expect(await next.value("get", { key: "city" })).toBeNull();
});

test("after the grace the name is free and the room empty", async () => {
  const { url } = await serve({ accounts: "name", graceMs: 1 });
  const first = plain(url, ann);
  await first.session();
  await first.value("put", { key: "city", value: "Kolkata" });
  first.socket.disconnect();
  const next = await signInWhenFree();
  expect(await next.value("get", { key: "city" })).toBeNull();

  /** The server learns of the end when it learns of it: until then the name is taken. */
  async function signInWhenFree() {
    for (;;) {
      const client = plain(url, ann, { reconnection: false });
      const { name } = await client.events.first("session", "connect_error");
      if (name === "session") return client;
    }
  }
});

test("a manager's role goes with the name", async () => {
  const { url } = await serve({ accounts: "name", upgrade: "open" });
  const first = plain(url, ann, { reconnection: false });
  await first.session();
  await first.value("upgrade");
  await first.value("logout");
  expect(await plain(url, ann).session()).toMatchObject({ role: "guest" });
});

test("without a name he gets a passing one, and a password means nothing", async () => {
  const { url } = await serve({ accounts: "name" });
  expect((await plain(url).session()).user).toMatch(/^guest-/);
  expect((await plain(url, { user: "bob", password: "whatever" }).session()).user).toBe("bob");
});
