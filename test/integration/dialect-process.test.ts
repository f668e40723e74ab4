/** The older doors of a server as it is really started. */
import { afterEach, expect, test } from "@jest/globals";
import { ServerProcess } from "../support/server-process.ts";
import { TcpClient, talkOf, WsClient } from "../support/text-clients.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function start(args: readonly string[]): ServerProcess {
  const server = new ServerProcess(["--port", "0", "--upgrade", "open", ...args]);
  closers.push(() => server.stop());
  return server;
}

test("behind its own address it prints that of each door, says who has connected, and closes them with itself", async () => {
  const server = start(["--tcp-text-port", "0", "--ws-text-port", "0"]);
  const printed = await server.started();
  const [, tcp, ws] =
    /^Keyroom listening on \S+\ntcp-text on 127\.0\.0\.1:(\d+)\nws-text on 127\.0\.0\.1:(\d+)\nKept/.exec(printed) ??
    [];
  const [ann, bob] = [await TcpClient.open(Number(tcp)), await WsClient.open(Number(ws))];
  closers.push(
    () => ann.cut(),
    () => bob.cut(),
  );
  expect(await talkOf(ann, [["ann", "success"]])).toEqual([["ann", "success"]]);
  const talk = [
    ["bob", "success"],
    ["upgrade", "upgraded to manager"],
    ["get ann a", "key not found"],
  ] as const;
  expect(await talkOf(bob, talk)).toEqual(talk);
  const { localPort } = ann.socket;
  const { status, stderr } = await server.stop("SIGTERM");
  expect([status, await ann.closed, await bob.closed]).toEqual([0, "", ""]);
  expect(stderr).toContain(`Connected to ann:('127.0.0.1', ${localPort})"`);
  expect(stderr).toContain('Connected to bob"');
});

test("a door's port that is taken is told in a sentence, and nothing is left open", async () => {
  const first = start(["--tcp-text-port", "0"]);
  const [, port] = /^tcp-text on 127\.0\.0\.1:(\d+)$/m.exec(await first.started()) ?? [];
  const { status, stdout, stderr } = await start(["--tcp-text-port", String(port)]).ended();
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    `keyroom-server: Port ${port} on 127.0.0.1, of the tcp-text door, is taken. ` +
      "Stop what uses it, or choose another with --tcp-text-port.\n",
  );
});
