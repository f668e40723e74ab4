import { describe, expect, test } from "@jest/globals";
import { ask, WEBSOCKET_HEADERS } from "../support/http.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const APP = "https://app.example";
const EVIL = "https://evil.example";

const polling = (url: string, sid?: string): string =>
  `${url}/socket.io/?EIO=4&transport=polling${sid === undefined ? "" : `&sid=${sid}`}`;
const webSocket = (url: string, sid?: string): string => polling(url, sid).replace("=polling", "=websocket");

/** Opens a connection by polling, as a program does, and gives its id. */
async function open(url: string): Promise<string> {
  const { body } = await ask(polling(url));
  return String(JSON.parse(body.slice(1)).sid);
}

describe.each([
  ["a page of nobody's", EVIL],
  ["a page without an origin of its own", "null"],
  ["a page that is no URL", "app.example"],
])("%s is refused", (_what, Origin) => {
  test("when it begins to poll", async () => {
    const { url } = await serve({ origins: [APP] });
    const answer = await ask(polling(url), { headers: { Origin } });
    expect(answer).toMatchObject({
      status: 403,
      body: expect.stringContaining(`Pages from ${Origin} may not connect`),
    });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("when it polls with the id of a connection", async () => {
    const { url } = await serve({ origins: [APP] });
    const sid = await open(url);
    expect(await ask(polling(url, sid), { headers: { Origin } })).toMatchObject({ status: 403 });
    expect(await ask(polling(url, sid), { method: "POST", headers: { Origin }, body: "40" })).toMatchObject({
      status: 403,
    });
    expect(await ask(polling(url, sid), { method: "POST", body: "40" })).toMatchObject({ status: 200 });
  });

  test("when it opens a WebSocket, and when it upgrades to one", async () => {
    const { url } = await serve({ origins: [APP] });
    const headers = { ...WEBSOCKET_HEADERS, Origin };
    expect(await ask(webSocket(url), { headers })).toMatchObject({ status: 403 });
    expect(await ask(webSocket(url, await open(url)), { headers })).toMatchObject({ status: 403 });
  });
});

test("a page that was named may connect, and its browser is told so", async () => {
  const { url } = await serve({ origins: ["https://other.example", APP] });
  const headers = { Origin: APP };
  const answer = await ask(polling(url), { headers });
  expect(answer).toMatchObject({ status: 200, headers: { "access-control-allow-origin": APP, vary: "Origin" } });
  expect(await ask(webSocket(url), { headers: { ...WEBSOCKET_HEADERS, Origin: APP } })).toMatchObject({ status: 101 });
  const preflight = await ask(polling(url), {
    method: "OPTIONS",
    headers: { ...headers, "Access-Control-Request-Method": "POST" },
  });
  expect(preflight).toMatchObject({ status: 204, headers: { "access-control-allow-origin": APP } });
  for (const transport of ["polling", "websocket"]) {
    await plain(url, { user: "ann", password: "secret" }, { transports: [transport], extraHeaders: headers }).session();
  }
});

test("a preflight from elsewhere is not given leave", async () => {
  const { url } = await serve({ origins: [APP] });
  const { headers } = await ask(polling(url), {
    method: "OPTIONS",
    headers: { Origin: EVIL, "Access-Control-Request-Method": "POST" },
  });
  expect(headers["access-control-allow-origin"]).not.toBe(EVIL);
});

test("a page of the server's own host may connect", async () => {
  const { url } = await serve();
  const { host } = new URL(url);
  expect(await ask(polling(url), { headers: { Origin: url, Host: host } })).toMatchObject({ status: 200 });
  expect(await ask(webSocket(url), { headers: { ...WEBSOCKET_HEADERS, Origin: url } })).toMatchObject({ status: 101 });
  const otherPort = "http://127.0.0.1:1";
  expect(await ask(polling(url), { headers: { Origin: otherPort, Host: host } })).toMatchObject({ status: 403 });
});

test("a page whose name was pointed at this machine does not count as the server's own", async () => {
  const { url } = await serve();
  const Host = `evil.example:${new URL(url).port}`;
  const headers = { Origin: `http://${Host}`, Host };
  expect(await ask(polling(url), { headers })).toMatchObject({ status: 403 });
  expect(await ask(webSocket(url), { headers: { ...WEBSOCKET_HEADERS, ...headers } })).toMatchObject({ status: 403 });
});

test("a refused page can't make the server answer more than a sentence", async () => {
  const { url } = await serve();
  const { body } = await ask(polling(url), { headers: { Origin: EVIL } });
  expect(body).toBe(`Pages from ${EVIL} may not connect. Start the server with --origin for them.\n`);
});
