import { expect, test } from "@jest/globals";
import { type LifeListener, Link } from "../../client/sdk/link.ts";
import type { ConnectOptions } from "../../client/sdk/types.ts";
import type { OpenWire, WireListener } from "../../client/sdk/wire.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { GREETING } from "../support/mute-server.ts";

const PATIENCE_MS = 5_500;
const BACKOFF_MS = 500;
const BYE = { code: "unavailable", message: "Bye.", retryable: true, afterMs: 1_000 };

interface Rig {
  readonly clock: ManualClock;
  readonly link: Link;
  readonly server: WireListener;
  /** What the wire was told to do, and what the link told, in their order. */
  readonly log: string[];
}

/** @param onTold is called after each word of the link */
function rig(options: ConnectOptions = {}, onTold: (word: string, rig: Rig) => void = () => undefined): Rig {
  const clock = new ManualClock();
  const log: string[] = [];
  let server: WireListener | undefined;
  const order = (word: string) => () => void log.push(word);
  const openWire: OpenWire = (listener) => {
    server = listener;
    const drop = (): void => {
      log.push("drop");
      listener.lost("dropped");
    };
    return {
      patienceMs: PATIENCE_MS,
      backoffMs: (attempts) => BACKOFF_MS * 2 ** attempts,
      connect: order("connect"),
      waitFor: (ms) => void log.push(`waits ${ms}`),
      close: order("close"),
      send: order("send"),
      drop,
    };
  };
  const tell = (word: string): void => {
    log.push(word);
    onTold(word, made);
  };
  const listener: LifeListener = {
    session: ({ user }) => tell(`session of ${user}`),
    silent: (why) => tell(`silent: ${why}`),
    heard: () => tell("heard"),
    waiting: ({ message }) => tell(`waiting: ${message}`),
    closed: ({ message }) => tell(`closed: ${message}`),
  };
  const link = new Link("http://there", options, listener, {}, openWire, clock);
  if (server === undefined) throw new Error("The link opened no wire.");
  const made: Rig = { clock, link, server, log };
  link.open();
  server.push("session", GREETING);
  expect(log.splice(0)).toEqual(["connect", "session of ann"]);
  return made;
}

test("as long as the heartbeat comes in time nothing is told", () => {
  const { clock, server, log } = rig();
  for (let beats = 0; beats < 10; beats++) {
    clock.advance(PATIENCE_MS - 1);
    server.heard();
  }
  expect(log).toEqual([]);
});

test("when it does not, the silence is told once; then the wire is dropped", () => {
  const { clock, log } = rig();
  clock.advance(PATIENCE_MS - 1);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log.splice(0)).toEqual(["silent: No word from the server for 5 s."]);
  clock.advance(1_999);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log.splice(0)).toEqual(["drop", "waits 500", "waiting: The connection to http://there is lost (dropped)."]);
  clock.advance(3_600_000);
  expect([log, clock.pending]).toEqual([["connect"], 0]);
});

test("a heartbeat that comes late is told, and the patience begins anew", () => {
  const { clock, server, log } = rig();
  clock.advance(PATIENCE_MS + 1_999);
  server.heard();
  expect(log.splice(0)).toEqual(["silent: No word from the server for 5 s.", "heard"]);
  clock.advance(PATIENCE_MS - 1);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log).toHaveLength(1);
});

test("whoever is dismissed and not cut drops the wire, and comes back when it was asked to", () => {
  const { clock, server, log } = rig();
  server.push("bye", BYE);
  server.heard();
  clock.advance(PATIENCE_MS);
  expect(log.splice(0)).toEqual(["drop", "waits 1500", "waiting: Bye."]);
  clock.advance(BYE.afterMs + BACKOFF_MS - 1);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log).toEqual(["connect"]);
});

test.each([
  [-1, BACKOFF_MS],
  [2 ** 40, 2 ** 31 - 1],
])("a bye of %d ms is waited for as long as can be", (afterMs, waits) => {
  const { clock, server, log } = rig();
  server.push("bye", { ...BYE, afterMs });
  server.lost("x");
  clock.advance(BACKOFF_MS - 1);
  expect(log.splice(0)).toEqual([`waits ${waits}`, "waiting: Bye."]);
  if (afterMs > 0) clock.advance(2 ** 31 - 1 - BACKOFF_MS);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log).toEqual(["connect"]);
});

test("a bye that is final closes", () => {
  const { server, log } = rig();
  server.push("bye", { ...BYE, retryable: false });
  expect(log).toEqual(["close", "closed: Bye."]);
});

test("an event that this version does not know is passed over", () => {
  const { server, log } = rig();
  server.push("closed", {});
  server.push("toString", {});
  expect(log).toEqual([]);
});

test.each(["silent", "waiting"])("who closes when told %s is told of that last, and no timer remains", (when) => {
  const { clock, log } = rig({}, (word, { link }) => {
    if (word.startsWith(when)) link.close(new KeyroomError("unavailable", "Enough."));
  });
  clock.advance(3_600_000);
  expect(log.slice(-2)).toEqual(["close", "closed: Enough."]);
  expect(clock.pending).toBe(0);
});

test("closed once is closed: nothing is told any more", () => {
  const { clock, link, server, log } = rig();
  link.close(new KeyroomError("unavailable", "Enough."));
  log.splice(0);
  link.close(new KeyroomError("unavailable", "Again."));
  server.heard();
  server.lost("x");
  server.failed(new Error("x"), false);
  server.push("bye", BYE);
  clock.advance(3_600_000);
  expect([log, clock.pending]).toEqual([[], 0]);
});

test("the token leads back once there is one, and the client id with it", () => {
  const { server } = rig({ user: "ann", password: "secret", token: "old" });
  const { token, client } = GREETING;
  expect(server.auth()).toMatchObject({ user: "ann", password: "secret", token, client });
});
