import type { Answer } from "../../protocol/events.ts";
import { Accounts } from "../../server/domain/accounts.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { Rooms } from "../../server/domain/rooms.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine } from "../../server/engine/port.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { roomHandlers } from "../../server/transport/handlers.ts";
import { account, FakeAccountStore } from "./domain-fakes.ts";
import { handlersWith, scriptedPeer } from "./door-parts.ts";
import { ManualClock } from "./manual-clock.ts";
import { readableLog } from "./readable-log.ts";

/** The client id of the peer's session. */
export const CLIENT = "c".repeat(22);

/** A dispatcher for ann's requests, alone or in batches. */
export function batching(engine: Engine = new MemoryEngine({}, new ManualClock(1_000)), protocol = 0) {
  const accounts = new Accounts(new FakeAccountStore(), () => 0, [account("ann"), account("bob")]);
  const rooms = new Rooms(engine, accounts, new InFlight(), (client) => (client === CLIENT ? "ann" : undefined));
  const handlers = handlersWith(roomHandlers(rooms));
  const log = readableLog();
  const dispatcher = new Dispatcher(handlers, rooms, log);
  const scripted = scriptedPeer(new ManualClock(), protocol);
  const ask = (name: string, ...payloads: readonly unknown[]): Promise<Answer<unknown>> =>
    new Promise((resolve) => dispatcher.handle(scripted.peer, [name, ...payloads, resolve]));
  const batch = async (...requests: readonly unknown[]): Promise<readonly Answer<unknown>[]> => {
    const answer = await ask("batch", { batch: 1, requests });
    if (!answer.ok) throw new Error(answer.error.message);
    return (answer.value as { answers: readonly Answer<unknown>[] }).answers;
  };
  return { ...scripted, ask, batch, engine, log };
}

/** Epochs and tags differ between engines. */
export function withoutEpochs(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => (/^(?:epoch|tag)$/.test(name) ? null : inner)));
}
