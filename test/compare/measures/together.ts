/** Many puts of one client under way at once. */
import { freshName } from "../clients/crowd.ts";
import { openClient } from "../clients/open.ts";
import type { DoorId } from "../doors.ts";
import type { Work } from "../results.ts";
import { keepBusy, type Span, type Stage } from "./busy.ts";
import { VALUES } from "./work.ts";

export const UNDER_WAY = 64;

export async function measureTogether(stage: Stage, door: DoorId, span: Span): Promise<Work> {
  const client = await openClient(door, stage.server.places, { name: freshName(door, 0) });
  try {
    const put = (): Promise<void> => client.put("small", VALUES.small);
    return await keepBusy(
      stage,
      Array.from({ length: UNDER_WAY }, () => put),
      span,
    );
  } finally {
    client.close();
  }
}
