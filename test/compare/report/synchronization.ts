/** What has to be put in order where several want the same thing. */

import { spreadOf } from "../statistics.ts";
import type { Figures } from "./figures.ts";
import { figure, listed, spread, table, time } from "./format.ts";

export function synchronization(figures: Figures): string {
  const { names, counts } = figures.results;
  return `## What has to be synchronized

The server is one process with one event loop: a piece of code that does not wait is never interrupted. So what remains to
be put in order is whatever spans a wait, and whatever spans several requests.

| | what is at stake | how it is settled |
|---|---|---|
| Names (text doors; Socket.IO without passwords) | two who ask for one name at once | the name is taken in the same turn in which it is found free, for all doors in one table, before the answer leaves; it is free again when the connection ends |
| Turns (all doors) | answers of one connection in another order, a slow client that holds up others | each connection's messages are answered one after the other, and after so many the next connection has its turn |
| One put (all doors) | two who write one key | each commit is one turn and has the room's next revision: all see the same order |
| Read, then write (JSON, Socket.IO, SDK) | what another wrote in between is overwritten | a lock, or a condition on the revision that was read |
| Locks (JSON, Socket.IO, SDK) | waiting for ever; an owner who is gone | first come, first served; a wait has an end, and one that would close a circle is refused; whose connection is closed (with Socket.IO, whose session has not come back in time) loses his locks, and a fence stops what he sends too late |
| Roles (all doors) | a manager who is demoted while he asks | the right is looked up for each request; what was queued for him is not sent |
| Watching (Socket.IO, SDK) | a change between the first answer and the first push | the snapshot has a revision, and everything after it is told once |

At the text doors only one connection can write to a guest's room, the one that has his name: the name is the lock. ${raced(names)}

At the JSON door all share one room, and over Socket.IO a manager writes where others do. There several can count in one key:

${table(
  ["", "steps", "lost", "time for a step"],
  counts.map(({ way, expected, lost, stepMs }) => [
    way,
    figure(expected),
    spread(spreadOf(lost)),
    spread(spreadOf(stepMs), time),
  ]),
)}

${lost(figures)}`;
}

function raced({ times, oneWinner }: { readonly times: number; readonly oneWinner: number }): string {
  if (times === 0) return "";
  const race = `Three asked for one name at once, over TCP text, WebSocket text and Socket.IO, ${figure(times)} times`;
  return oneWinner === times
    ? `${race}: each time exactly one of them got it.`
    : `${race}: only ${figure(oneWinner)} times exactly one of them got it, which is a fault.`;
}

function lost({ results }: Figures): string {
  const careless = results.counts.filter((count) => Math.max(...count.lost) > 0);
  const careful = results.counts.filter((count) => Math.max(...count.lost) === 0);
  if (careless.length === 0)
    return "In this run no way of counting lost a step, also where nothing protects it: that is luck.";
  const rest =
    careful.length === 0
      ? "No way lost none, which is a fault."
      : `Nothing was lost with ${listed(careful.map(({ way }) => `“${way}”`))}.`;
  return `Where nothing holds a read and its write together, steps were lost (${listed(careless.map(({ way }) => `“${way}”`))}). ${rest}`;
}
