import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/connect.ts";
import type { ConnectOptions } from "../../client/sdk/types.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { starter } from "../support/start.ts";
import { LOCALHOST_TLS } from "../support/tls.ts";

const { serve, store, closing } = starter();

async function whyNot(url: string, options: ConnectOptions = {}): Promise<string> {
  const error = await rejectionOf(connect(url, { ...options, retry: false }));
  expect(error.code).toBe("unavailable");
  return error.message;
}

test.each([[["websocket", "polling"]], [["websocket"]], [["polling"]]] as const)(
  "nobody listens there, over %s",
  async (transports) => {
    const server = await serve();
    await server.close();
    const message = `Cannot reach ${server.url}: connection refused. Is the server running?`;
    expect(await whyNot(server.url, { transports })).toBe(message);
  },
);

test("there is no such host", async () => {
  expect(await whyNot("http://no-such-host.invalid:3000")).toMatch(/there is no such host/);
});

test("another web server is there", async () => {
  const other = createServer((_request, response) => response.writeHead(404).end("Not here"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  closing(() => other.close());
  expect(await whyNot(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)).toMatch(/no Keyroom server/);
});

test("whoever is there hangs up", async () => {
  const other = createTcpServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  closing(() => other.close());
  expect(await whyNot(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)).toMatch(/the connection was cut/);
});

test("it speaks TLS and was called without, and the other way round", async () => {
  const [secure, clear] = await Promise.all([serve({ tls: LOCALHOST_TLS }), serve()]);
  expect(await whyNot(secure.url.replace("https", "http"))).toMatch(/Does the server expect TLS/);
  expect(await whyNot(clear.url.replace("http", "https"))).toMatch(/it does not speak TLS there/);
});

test("its certificate is not trusted, until its issuer is named", async () => {
  const { url } = await serve({ tls: LOCALHOST_TLS });
  expect(url).toMatch(/^https:/);
  expect(await whyNot(url)).toMatch(/its certificate is not trusted/);
  for (const transport of ["websocket", "polling"] as const) {
    const mine = await store(url, { user: "ann", password: "x", ca: LOCALHOST_TLS.cert, transports: [transport] });
    await mine.put("city", "Kolkata");
    expect(await mine.get("city")).toMatchObject({ value: "Kolkata" });
  }
});
