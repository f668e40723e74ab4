/** Gets and puts of many clients of one door. */
import { openCrowd } from "../clients/crowd.ts";
import { DOORS, type DoorId, type Role } from "../doors.ts";
import { OPERATIONS, type OperationName, SIZES, type SizeName, type Work } from "../results.ts";
import { keepBusy, type Span, type Stage } from "./busy.ts";

export interface Visit {
  readonly door: DoorId;
  readonly role: Role;
  readonly clients: number;
}

export interface VisitResults {
  /** Connections that were opened and signed in in a second. */
  readonly openedPerSecond: number;
  readonly work: readonly { readonly operation: OperationName; readonly size: SizeName; readonly work: Work }[];
}

const SIZE_NAMES = Object.keys(SIZES) as readonly SizeName[];
export const VALUES = { small: "v".repeat(SIZES.small), large: "v".repeat(SIZES.large) };

/**
 * Each client has one operation under way. A guest works in his own room. A manager works in that of a guest of his own,
 * who is at the TCP text door and silent, and watches it where the door tells of changes: each of his puts is then also
 * pushed to him.
 */
export async function visit(stage: Stage, { door, role, clients: count }: Visit, span: Span): Promise<VisitResults> {
  const { places } = stage.server;
  const owners = role === "manager" ? await openCrowd("tcp-text", places, count) : [];
  const began = performance.now();
  const clients = await openCrowd(door, places, count, (index) => {
    const room = owners[index]?.name;
    return room === undefined ? {} : { room };
  });
  const openedPerSecond = (count / (performance.now() - began)) * 1_000;
  try {
    const writers = role === "manager" ? owners : clients;
    for (const size of SIZE_NAMES) await Promise.all(writers.map((client) => client.put(size, VALUES[size])));
    const work: VisitResults["work"][number][] = [];
    for (const operation of OPERATIONS) {
      if (operation === "put" && role === "manager" && !DOORS[door].putsElsewhere) continue;
      for (const size of SIZE_NAMES) {
        const lanes = clients.map((client) => (operation === "get" ? getOf(client, size) : putOf(client, size)));
        work.push({ operation, size, work: await keepBusy(stage, lanes, span) });
      }
    }
    return { openedPerSecond, work };
  } finally {
    for (const client of [...clients, ...owners]) client.close();
  }
}

type Opened = Awaited<ReturnType<typeof openCrowd>>[number];

function getOf(client: Opened, size: SizeName): () => Promise<void> {
  const value = VALUES[size];
  return async () => {
    const answer = await client.get(size, value.length);
    if (answer !== value) throw new Error(`A get was answered ${JSON.stringify(answer.slice(0, 80))}.`);
  };
}

function putOf(client: Opened, size: SizeName): () => Promise<void> {
  return () => client.put(size, VALUES[size]);
}
