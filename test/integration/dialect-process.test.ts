/** The older doors of a server as it is really started. */
import { afterEach, expect, test } from "@jest/globals";
import { ask, openJson } from "../support/json-clients.ts";
import { ServerProcess } from "../support/server-process.ts";
import { TcpClient, talkOf, WsClient } from "../support/text-clients.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function start(args: readonly string[], shell?: string): ServerProcess {
  const server = new ServerProcess(["--port", "0", "--upgrade", "open", ...args], {}, [], shell);
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

test("the JSON door is one of them", async () => {
  const server = start(["--ws-json-port", "0"]);
  const [, port] = /^ws-json on 127\.0\.0\.1:(\d+)$/m.exec(await server.started()) ?? [];
  const who = await openJson(Number(port));
  closers.push(() => who.cut());
  expect(await ask(who, { command: "write", keys: ["k"], value: "v" })).toBe('{"success":true}');
  expect(await server.stop("SIGTERM")).toMatchObject({ status: 0 });
});

// Elsewhere the system does not tell.
const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("where too few files may be open, it says what to raise, and starts", async () => {
  const few = start(["--ws-json-port", "0", "--files-port", "0"], "ulimit -n 1000");
  await few.started();
  const none = start([], "ulimit -n 1000");
  await none.started();
  const [said, silent] = [await few.stop("SIGTERM"), await none.stop("SIGTERM")];
  expect([said.status, silent.status, silent.stderr]).toEqual([0, 0, ""]);
  expect(said.stderr).toContain(
    "This process may have 1000 files and connections open, and the older doors alone may come to 4608: " +
      "when there are no more, nobody is let in by any door. Raise the limit to 5632 before the start: `ulimit -n 5632`",
  );
});
