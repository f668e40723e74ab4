import { KeyroomError } from "../../protocol/errors.ts";
import type { KeyChange } from "../sdk/index.ts";
import type { Context, Result } from "./command.ts";

/** All that the room's log holds of a key, newest first. */
export async function historyOf(key: string, { room, strict, note }: Context): Promise<Result> {
  const changes: KeyChange[] = [];
  let page = await room.history(key);
  const { epoch } = page.position;
  changes.push(...page.changes);
  for (let oldest = changes.at(-1); page.more && oldest !== undefined; oldest = page.changes.at(-1)) {
    page = await room.history(key, { before: oldest.revision });
    // The room was deleted meanwhile: what the next of its name did is another story.
    if (page.position.epoch !== epoch) break;
    changes.push(...page.changes);
  }
  if (changes.length === 0 && strict) throw new KeyroomError("not_found", `No change of the key "${key}" is known.`);
  if (page.reaches > 1) note(`Changes before revision ${page.reaches} are no longer kept.`);
  return { lines: changes.map(row), json: { changes, reaches: page.reaches } };
}

/** The last field tells a deleted key from an empty value. */
function row({ revision, at, by, value }: KeyChange): readonly string[] {
  const fields = [String(revision), new Date(at).toISOString(), by];
  return value === null ? [...fields, "", "deleted"] : [...fields, value];
}
