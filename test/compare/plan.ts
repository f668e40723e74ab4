/** Everything that is measured, in its order. */
import { DOOR_IDS, DOORS, type DoorId } from "./doors.ts";
import type { Form } from "./forms.ts";
import type { Visit } from "./measures/work.ts";
import type { NoticeKind } from "./results.ts";

/** Doors side by side, so that what else the machine does hits all alike; each round begins with another. */
export function visitsOf({ clients }: Pick<Form, "clients">, round: number): readonly Visit[] {
  const doors = turned(DOOR_IDS, round);
  return clients.flatMap((count) =>
    (["guest", "shared", "manager"] as const).flatMap((role) =>
      doors.filter((door) => DOORS[door].roles.includes(role)).map((door) => ({ door, role, clients: count })),
    ),
  );
}

/** How each door's clients come to know of changes. The two framings of TCP text are asked alike. */
export function noticesOf({ pollMs }: Pick<Form, "pollMs">): readonly NoticeKind[] {
  return DOOR_IDS.flatMap((door): readonly NoticeKind[] => {
    if (door === "tcp-silence") return [];
    return DOORS[door].isPushed ? [{ door, everyMs: null }] : pollMs.map((everyMs) => ({ door, everyMs }));
  });
}

export const PIPELINED: readonly DoorId[] = DOOR_IDS.filter((door) => DOORS[door].pipelines);

function turned<T>(items: readonly T[], by: number): readonly T[] {
  return items.map((_, i) => items[(i + by) % items.length] as T);
}
