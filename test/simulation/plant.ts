import type { OpenWire } from "../../client/sdk/wire.ts";
import type { Clock } from "../../server/domain/clock.ts";
import type { Audience } from "../../server/domain/watching.ts";
import type { Engine } from "../../server/engine/port.ts";
import type { DoorParts } from "../../server/transport/door.ts";
import type { Handlers } from "../../server/transport/handlers.ts";
import type { Peer } from "../../server/transport/peer.ts";

/**
 * The seam through which a bug gets into the simulation: each part that the world is made of goes through it. The world
 * cannot tell a plant with a bug from `HEALTHY`, and the programs under test have no switch.
 */
export interface Plant {
  /** Of each process of the server in turn. */
  engine(engine: Engine): Engine;
  audience(audience: Audience): Audience;
  handlers(handlers: Handlers, clock: Clock): Handlers;
  peer(peer: Peer, clock: Clock): void;
  /** What the server says in every session. */
  terms(terms: DoorParts["terms"]): DoorParts["terms"];
  /** Of each client. */
  wire(open: OpenWire, clock: Clock): OpenWire;
}

const same = <T>(part: T): T => part;

/** No bug at all. */
export const HEALTHY: Plant = {
  engine: same,
  audience: same,
  handlers: same,
  peer: () => undefined,
  terms: same,
  wire: same,
};
