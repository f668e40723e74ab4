/** Which commits there have been: as the witness saw them or, without one, as far as answers and watches show. */
import { callsOf } from "./calls.ts";
import { derived } from "./derived.ts";
import { Epoch } from "./epoch.ts";
import type { History } from "./history.ts";
import { lifeBetween, lossesOf } from "./lives.ts";
import { isWhole, standing, streamsOf } from "./streams.ts";
import { accountOf, type Write, writesOf } from "./writes.ts";

export interface RoomEvidence {
  readonly room: string;
  /** A witness saw all commits. */
  readonly isWitnessed: boolean;
  readonly epochs: ReadonlyMap<string, Epoch>;
  /** The epoch of the room's last life; null where nothing shows it. */
  readonly last: string | null;
  /** Epochs of lives that are over. */
  readonly past: ReadonlySet<string>;
  /** The epoch of each life, as far as it is known. */
  readonly lives: ReadonlyMap<number, string>;
}

/** By room. */
export const evidenceOf = derived((history: History): ReadonlyMap<string, RoomEvidence> => {
  const names = new Set<string>();
  for (const event of history.events) if ("room" in event && event.room !== null) names.add(event.room);
  for (const { room } of streamsOf(history)) names.add(room);
  names.delete("*");
  return new Map([...names].map((room) => [room, roomEvidence(history, room)]));
});

function roomEvidence(history: History, room: string): RoomEvidence {
  const epochs = new Map<string, Epoch>();
  const epochOf = (name: string): Epoch => {
    const epoch = epochs.get(name) ?? new Epoch(name);
    epochs.set(name, epoch);
    return epoch;
  };
  for (const event of history.events) {
    if (event.kind === "base" && event.room === room)
      epochOf(event.position.epoch).begin(event.position, event.entries);
  }
  const losses = lossesOf(history, room);
  const isWitnessed = accountOf(history).rooms.has(room);
  if (isWitnessed) {
    const commits = accountOf(history).commits.filter(({ event }) => event.room === room);
    for (const { at, event } of commits) epochOf(event.epoch).witnessed(event.change, at);
    const lives = new Map(commits.map(({ at, event }) => [lifeBetween(losses, at, at) ?? 0, event.epoch]));
    return { room, isWitnessed, epochs, ...lastOf(lives, losses.length) };
  }
  gatherTold(history, room, epochOf);
  const lives = livesOf(history, room, epochs);
  for (const write of writesOf(history)) {
    const life = lifeOf(history, write);
    const epoch = write.room === room && life !== null ? lives.get(life) : undefined;
    if (epoch !== undefined) epochOf(epoch).answered(write);
  }
  return { room, isWitnessed, epochs, ...lastOf(lives, losses.length) };
}

function lastOf(lives: ReadonlyMap<number, string>, life: number): Pick<RoomEvidence, "last" | "past" | "lives"> {
  const past = [...lives].flatMap(([other, epoch]) => (other < life ? [epoch] : []));
  return { last: lives.get(life) ?? null, past: new Set(past), lives };
}

function gatherTold(history: History, room: string, epochOf: (name: string) => Epoch): void {
  for (const stream of streamsOf(history)) {
    if (stream.room !== room) continue;
    for (const { at, event } of stream.told) {
      if (event.kind === "end") continue;
      const epoch = epochOf(event.position.epoch);
      const { position, puts, deletes } = event;
      if (event.kind !== "change") for (const entry of puts) epoch.sawEntry(entry, at);
      else epoch.saw({ ...position, at: event.at, by: event.by, puts, deletes }, isWhole(stream.opened.filter), at);
    }
  }
  for (const { call, answer, to } of callsOf(history)) {
    if (call.room !== room || answer?.kind !== "page") continue;
    for (const entry of answer.entries) epochOf(answer.position.epoch).sawEntry(entry, to);
  }
}

/** Which epoch each life of the room has, as far as something shows it. */
function livesOf(history: History, room: string, epochs: ReadonlyMap<string, Epoch>): Map<number, string> {
  const losses = lossesOf(history, room);
  const lives = new Map<number, string>();
  const learn = (life: number | null, epoch: string): void => {
    if (life !== null && !lives.has(life)) lives.set(life, epoch);
  };
  for (const { call, answer, from, to } of callsOf(history)) {
    if (call.room === room && answer?.kind === "page") learn(lifeBetween(losses, from, to), answer.position.epoch);
  }
  for (const write of writesOf(history)) {
    if (write.room !== room || write.fate.kind !== "committed") continue;
    for (const [name, epoch] of epochs) if (epoch.showsResult(write)) learn(lifeOf(history, write), name);
  }
  for (const stream of streamsOf(history)) {
    if (stream.room !== room || stream.quietAt === null) continue;
    const position = standing(stream);
    const isOther = position === null || [...lives.values()].includes(position.epoch);
    if (!isOther) learn(losses.length, position.epoch);
  }
  const [only, second] = epochs.keys();
  if (losses.length === 0 && only !== undefined && second === undefined) learn(0, only);
  return lives;
}

/** The life in which a write was committed; null where it was not, or can have been in several. */
function lifeOf(history: History, { room, fate, from, to }: Write): number | null {
  if (fate.kind !== "committed" || fate.revision === null) return null;
  return lifeBetween(lossesOf(history, room), from, to);
}
