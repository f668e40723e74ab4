import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeyroomError } from "../../protocol/errors.ts";
import { REQUEST_NAMES } from "../../protocol/requests.ts";
import type { RunningServer } from "../../server/server.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { checkAnswer } from "../support/answers.ts";
import { handlersWith, scriptedPeer, someRooms } from "../support/door-parts.ts";
import { liveHeap } from "../support/heap.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { freshSeed } from "../support/random.ts";
import { readableLog } from "../support/readable-log.ts";
import { starter } from "../support/start.ts";
import { fuzzRuns, wildEvent, wildName } from "../support/wild-requests.ts";

const { serve, plain } = starter();
const seed = freshSeed();
const MiB = 2 ** 20;

const refuse = () => Promise.reject(new KeyroomError("forbidden", "Not here."));
const REFUSING = handlersWith(Object.fromEntries(REQUEST_NAMES.map((name) => [name, refuse])));

/** Names that socket.io-client refuses to send, and that end a connection when they are sent by hand. */
const RESERVED = new Set<unknown>([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

async function signIn(server: RunningServer, user = "ann"): Promise<PlainClient> {
  const client = plain(server.url, { user, password: "secret" });
  await client.session();
  return client;
}

/** A client that does nothing unusual still gets what it should. */
async function stillServes(server: RunningServer): Promise<void> {
  const client = await signIn(server, "normal");
  await client.value("put", { key: "city", value: "Kolkata" });
  expect(await client.value("get", { key: "city" })).toMatchObject({ value: "Kolkata", updatedBy: "normal" });
  client.socket.disconnect();
}

const event = fc
  .tuple(
    wildEvent.filter(({ name }) => !RESERVED.has(name)),
    fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, { arbitrary: fc.constant(false), weight: 1 }),
  )
  .map(([said, acknowledged]) => ({ ...said, acknowledged }));

test.each(["guest", "manager"])(
  `whatever events a %s sends, each is answered in form, seed ${seed}`,
  async (role) => {
    const log = readableLog();
    const server = await serve({ log, upgrade: "off" });
    const client = await signIn(server);
    if (role === "manager") await server.promote("ann");
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 20 }), async (events) => {
        const answers = events.map(({ name, payloads, acknowledged }) => {
          if (acknowledged) return client.ask(name as string, ...payloads);
          client.socket.emit(name as string, ...payloads);
          return { ok: true, value: null };
        });
        for (const answer of await Promise.all(answers)) checkAnswer(answer);
      }),
      { seed, numRuns: fuzzRuns(150) },
    );
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
    expect(client.events.names).not.toContain("disconnect");
    await stillServes(server);
  },
  60_000,
);

test(`called directly, with whatever a program could pass, it acknowledges once and in form, seed ${seed}`, async () => {
  const log = readableLog();
  const dispatcher = new Dispatcher({ ...REFUSING, get: async () => null }, someRooms(), log);
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(wildName, anything), { maxLength: 4 }), async (args) => {
      const { peer } = scriptedPeer(new ManualClock());
      const answers: unknown[] = [];
      dispatcher.handle(peer, [...args, (answer: unknown) => answers.push(answer)]);
      dispatcher.handle(peer, args);
      await new Promise((resolve) => setImmediate(resolve));
      expect(answers).toHaveLength(1);
      checkAnswer(answers[0]);
      expect(peer.unanswered).toBe(0);
    }),
    { seed, numRuns: fuzzRuns(1000), examples: [[[]], [[Symbol("put")]], [[{ toJSON: null }]], [[1n]]] },
  );
  expect(log.lines).toEqual([]);
}, 60_000);

test(`a long storm leaves nothing behind in memory, seed ${seed}`, async () => {
  const server = await serve({ upgrade: "off" });
  const client = await signIn(server);
  const storm = async (part: number): Promise<number> => {
    const events = fc.sample(event, { seed: seed + part, numRuns: fuzzRuns(1000) });
    for (let at = 0; at < events.length; at += 100) {
      const batch = events.slice(at, at + 100);
      await Promise.all(batch.map(({ name, payloads }) => client.ask(name as string, ...payloads)));
    }
    return liveHeap();
  };
  await storm(0);
  const before = await storm(1);
  for (let part = 2; part < 5; part++) await storm(part);
  // The room's log may have grown up to its limit.
  expect((await storm(5)) - before).toBeLessThan(32 * MiB);
  await stillServes(server);
}, 60_000);
