/** Bugs between the domain and the connections. */
import { changesIn } from "../../../protocol/series.ts";
import { Watches } from "../../../server/domain/watches.ts";
import type { Audience } from "../../../server/domain/watching.ts";
import { inMethod, inPart, type Planted } from "./planted.ts";

/** Ms that something comes too late. */
const LATE_MS = 20;

function backward(audience: Audience): Audience {
  return {
    say: (channel, { watch, room, position, ...told }) =>
      audience.say(channel, { watch, room, position, changes: changesIn(told).toReversed() }),
  };
}

export const PUSH_BUGS: readonly Planted[] = [
  {
    bug: "a watch joins its channel a little after its answer was read",
    promises: "P5, P6",
    validator: "complete",
    plant: () =>
      inPart({
        peer: (peer, clock) => {
          const join = peer.join.bind(peer);
          Object.assign(peer, { join: (channel: string) => void clock.after(LATE_MS, () => join(channel)) });
        },
      }),
  },
  {
    bug: "pushes come before the snapshot",
    promises: "P6",
    validator: "complete",
    plant: () =>
      inPart({
        handlers: (handlers, clock) => ({
          ...handlers,
          watch: (caller, input, peer, answer) =>
            handlers.watch(caller, input, peer, (value) => void clock.after(LATE_MS, () => answer(value))),
        }),
      }),
  },
  {
    bug: "the changes of one push are in the wrong order",
    promises: "P3",
    validator: "ordered",
    plant: () => inPart({ audience: backward }),
  },
  {
    bug: "who is no manager any more keeps his watches",
    promises: "P13",
    validator: "authorized",
    plant: () => inMethod(Watches.prototype, "revoke", () => () => undefined),
  },
  {
    bug: "whoever does not read is pushed to without end",
    promises: "P17",
    validator: "bounded",
    plant: () => inPart({ peer: (peer) => void Object.assign(peer, { backlog: () => 0 }) }),
  },
  {
    bug: "what is acknowledged is said to be on a disk, and a restart loses it",
    promises: "P18",
    validator: "durable",
    plant: () => inPart({ terms: (terms) => ({ ...terms, durability: "disk" }) }),
  },
];
