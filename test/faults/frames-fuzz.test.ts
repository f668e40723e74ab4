import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { RunningServer } from "../../server/server.ts";
import { freshSeed } from "../support/random.ts";
import { RawSocket } from "../support/raw-socket.ts";
import { readableLog } from "../support/readable-log.ts";
import { starter } from "../support/start.ts";
import { fuzzRuns, wildName, wildPayload } from "../support/wild-requests.ts";

const { serve, plain, closing } = starter();
const seed = freshSeed();
const SIGN_IN = `40${JSON.stringify({ user: "ann", password: "secret" })}`;
/** The last thing sent: its answer, or the end of the connection, comes after all else was handled. */
const LAST = '42999["list"]';
const LAST_ANSWERED = '43999[{"ok":';

async function open(server: RunningServer): Promise<RawSocket> {
  const socket = new RawSocket(server.url);
  closing(() => socket.destroy());
  await socket.heard('"sid"');
  return socket;
}

async function signedIn(server: RunningServer): Promise<RawSocket> {
  const socket = await open(server);
  socket.sendText(SIGN_IN);
  await socket.heard('["session"');
  return socket;
}

/** What one hostile connection does must not be felt by the next. */
async function stillServes(server: RunningServer): Promise<void> {
  const client = plain(server.url, { user: "normal", password: "secret" });
  await client.session();
  await client.value("put", { key: "city", value: "Kolkata" });
  expect(await client.value("get", { key: "city" })).toMatchObject({ value: "Kolkata" });
  client.socket.disconnect();
}

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const deepObject = (levels: number): string => `${'{"key":'.repeat(levels)}1${"}".repeat(levels)}`;

test.each([
  ["a payload of 100,000 lists", `421["put",${deep(100_000)}]`],
  ["a payload of 100,000 objects", `421["put",${deepObject(100_000)}]`],
  ["a key of 100,000 lists", `421["put",{"key":${deep(100_000)},"value":"a"}]`],
  ["an event name of 100,000 lists", `421[${deep(100_000)}]`],
  ["deep bytes", `451-1["put",${deep(100_000)}]`],
  ["a wide object", `421["put",{${Array.from({ length: 50_000 }, (_, i) => `"f${i}":${i}`).join(",")}}]`],
  ["many payloads", `421["put"${",{}".repeat(100_000)}]`],
  ["a long name", `421[${JSON.stringify("n".repeat(1_000_000))},{}]`],
  ["a prototype", '421["put",{"key":"a","value":"b","__proto__":{"room":"x"}}]'],
  ["an event without a name", "421"],
  ["an empty event", "421[]"],
  ["a name that is an object", '421[{"toString":1}]'],
  ["a reserved name", '421["disconnecting"]'],
  ["the name error", '421["error",{"message":"x"}]'],
  ["a number for a name", "421[7,{}]"],
  ["an answer to no question", '431[{"ok":true}]'],
  ["an id too large", `42${"9".repeat(400)}["list"]`],
  ["bytes that were not announced", "451-9[]"],
  ["no packet of Socket.IO", "49"],
  ["a second sign-in", SIGN_IN],
  ["another namespace", "40/admin,{}"],
  ["no JSON", '421["put",'],
])("%s: told or cut, and the server lives", async (_what, frame) => {
  const log = readableLog();
  const server = await serve({ log });
  const socket = await signedIn(server);
  socket.sendText(frame);
  socket.sendText(LAST);
  await socket.heard(LAST_ANSWERED);
  await stillServes(server);
  expect(log.lines).toEqual([]);
});

test("a frame above the limit ends the connection, and only that one", async () => {
  const server = await serve();
  const socket = await signedIn(server);
  socket.sendText(`421["put",{"key":"a","value":"${"v".repeat(FIXED_LIMITS.frameBytes)}"}]`);
  await socket.closed;
  await stillServes(server);
});

test("a frame just below it is answered", async () => {
  const server = await serve();
  const socket = await signedIn(server);
  socket.sendText(`421["put",{"key":"a","value":"${"v".repeat(FIXED_LIMITS.frameBytes - 100)}"}]`);
  await socket.heard('"code":"too_large"');
});

const packet = fc.oneof(
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 2 },
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom("42", "43", "45", "46", "4", "40", "41", "44", "3", "6", "b"),
        fc.nat(20),
        wildName,
        wildPayload,
      )
      .map(([type, id, name, payload]) => `${type}${id}${JSON.stringify([name, payload])}`),
    weight: 4,
  },
  { arbitrary: fc.constantFrom("0", "1", "2", "3probe", "5", "6", "451-1[]", "4", "42", SIGN_IN, "41"), weight: 1 },
  // A good request with some of its characters gone.
  {
    arbitrary: fc.tuple(fc.nat(60), fc.nat(5)).map(([at, length]) => {
      const good = '427["put",{"key":"city","value":"Kolkata","ifRevision":0}]';
      return good.slice(0, at) + good.slice(at + length);
    }),
    weight: 2,
  },
);

const frame = fc.oneof(
  { arbitrary: packet.map((text) => ({ text })), weight: 9 },
  { arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => ({ binary: Buffer.from(bytes) })), weight: 1 },
);

test.each(["before signing in", "signed in"])(
  `random frames, %s: the server lives, seed ${seed}`,
  async (when) => {
    const log = readableLog();
    const server = await serve({ log, anonymous: false });
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 12 }), async (frames) => {
        const socket = when === "signed in" ? await signedIn(server) : await open(server);
        for (const one of frames) {
          if ("text" in one) socket.sendText(one.text);
          else socket.sendBinary(one.binary);
        }
        // Behind all frames, so that the server has read them when it closes its side.
        socket.end();
        await socket.closed;
      }),
      { seed, numRuns: fuzzRuns(40) },
    );
    await stillServes(server);
    expect(log.lines).toEqual([]);
  },
  60_000,
);

test(`random bytes in place of frames: the server lives, seed ${seed}`, async () => {
  const server = await serve();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 200 }), async (bytes) => {
      const socket = await open(server);
      socket.sendBytes(Buffer.from(bytes));
      socket.end();
      await socket.closed;
    }),
    { seed, numRuns: fuzzRuns(40) },
  );
  await stillServes(server);
}, 60_000);
