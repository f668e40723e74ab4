/** What happens where several want the same thing at once. */
import { connect, KeyroomError, type Room } from "../../../client/sdk/index.ts";
import type { Places } from "../clients/client.ts";
import { freshName } from "../clients/crowd.ts";
import { openClient } from "../clients/open.ts";
import { JsonClient, openFrames } from "../clients/web-socket.ts";
import type { DoorId } from "../doors.ts";

/** Three ask for the same name at once, each at a door of its own, again and again: how often exactly one of them got it. */
export async function raceForNames(places: Places, times: number): Promise<number> {
  let oneWinner = 0;
  for (let i = 0; i < times; i++) {
    const name = freshName("sdk", 0);
    const asked = await Promise.allSettled([
      openClient("tcp-text", places, { name }),
      openClient("ws-text", places, { name }),
      openClient("sio-websocket", places, { name }),
    ]);
    const winners = asked.filter((one) => one.status === "fulfilled");
    if (winners.length === 1) oneWinner++;
    for (const { value } of winners) value.close();
  }
  return oneWinner;
}

/** A program that counts in a key. */
interface Counter {
  get(): Promise<string>;
  put(value: string): Promise<unknown>;
  /** One more. */
  step(): Promise<unknown>;
  close(): void;
}

interface Way {
  readonly name: string;
  readonly door: DoorId;
  /** @param room of a user who is there; the keys at the JSON door begin with it */
  readonly open: (places: Places, room: string) => Promise<Counter>;
}

const KEY = "count";
const LOCK_WAIT_MS = 30_000;
const more = (value: string | undefined): string => String(Number(value ?? 0) + 1);

/** A manager's, in the room of another. */
function withSdk(name: string, step: (room: Room) => Promise<unknown>): Way {
  const open: Way["open"] = async ({ url }, owner) => {
    const store = await connect(url, { user: freshName("sdk", 0) });
    await store.upgrade();
    const room = store.room(owner);
    return {
      get: async () => (await room.get(KEY))?.value ?? "",
      put: (value) => room.put(KEY, value),
      step: () => step(room),
      close: () => store.close(),
    };
  };
  return { name, door: "sdk", open };
}

function withJson(name: string, step: (client: JsonClient, keys: readonly string[]) => Promise<unknown>): Way {
  const open: Way["open"] = async ({ host, ports }, room) => {
    const client = new JsonClient(await openFrames(`ws://${host}:${ports["ws-json"] ?? 0}/ws`), room);
    return {
      get: () => client.get(KEY),
      put: (value) => client.put(KEY, value),
      step: () => step(client, [`${room}${KEY}`]),
      close: () => client.close(),
    };
  };
  return { name, door: "ws-json", open };
}

/** How one may count, with care or without. */
export const WAYS: readonly Way[] = [
  withJson("JSON: read, write", async (client) => client.put(KEY, more(await client.get(KEY)))),
  withJson("JSON: lock, read, write, unlock", async (client, keys) => {
    await client.ask({ command: "lock", keys, mode: "write", timeout: LOCK_WAIT_MS / 1_000 });
    await client.put(KEY, more(await client.get(KEY)));
    await client.ask({ command: "unlock", keys });
  }),
  withSdk("SDK: get, put", async (room) => room.put(KEY, more((await room.get(KEY))?.value))),
  withSdk("SDK: update, by revision, and again where it gives up", (room) => updateAtLast(room)),
  withSdk("SDK: lock, get, put with the fence, unlock", async (room) => {
    const { fence } = await room.lock([KEY], { waitMs: LOCK_WAIT_MS });
    await room.put(KEY, more((await room.get(KEY))?.value), { fence });
    await room.unlock([KEY]);
  }),
];

/** An update gives up after some conflicts in a row, which come where many others do nothing else. */
async function updateAtLast(room: Room): Promise<void> {
  for (;;) {
    try {
      await room.update(KEY, (entry) => more(entry?.value));
      return;
    } catch (error) {
      if (!(error instanceof KeyroomError && error.code === "conflict")) throw error;
    }
  }
}

/** Several count in one key, each so far: how many of their steps are lost, and how long one takes. */
export async function countTogether(
  places: Places,
  way: Way,
  counters: number,
  countTo: number,
): Promise<{ readonly lost: number; readonly stepMs: number }> {
  const owner = await connect(places.url, { user: freshName("sdk", 0) });
  const opened = await Promise.all(Array.from({ length: counters }, () => way.open(places, owner.session.user)));
  try {
    await opened[0]?.put("0");
    const began = performance.now();
    await Promise.all(
      opened.map(async ({ step }) => {
        for (let i = 0; i < countTo; i++) await step();
      }),
    );
    const stepMs = (performance.now() - began) / (counters * countTo);
    return { lost: counters * countTo - Number(await opened[0]?.get()), stepMs };
  } finally {
    for (const one of [...opened, owner]) one.close();
  }
}
