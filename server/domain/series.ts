/** Finds puts in a row among commits: in a message, they are said in columns. */
import type { Push } from "../../protocol/pushes.ts";
import type { ChangeSeries } from "../../protocol/series.ts";
import type { Change } from "../engine/port.ts";
import { toWire } from "./starts.ts";

/** The changes of a push to those who can read series. */
export function inSeries(changes: readonly Change[]): Pick<Push<"changes">, "changes" | "series"> {
  const alone: Change[] = [];
  const series: ChangeSeries[] = [];
  for (let from = 0, end = 0; from < changes.length; from = end) {
    end = endOfSeries(changes, from);
    const first = changes[from] as Change;
    if (end - from > 1) series.push(columns(first, changes.slice(from, end)));
    else alone.push(first);
  }
  return series.length === 0 ? { changes: alone.map(toWire) } : { changes: alone.map(toWire), series };
}

/** Behind the last of the changes that, with the one at `from`, are a series. */
function endOfSeries(changes: readonly Change[], from: number): number {
  let end = from + 1;
  if (!isOnePut(changes[from] as Change)) return end;
  while (end < changes.length && isNext(changes[end - 1] as Change, changes[end] as Change)) end++;
  return end;
}

function isNext(before: Change, after: Change): boolean {
  const isInRow = after.revision === before.revision + 1 && after.tag === before.tag + 1;
  return isInRow && after.at === before.at && after.by === before.by && isOnePut(after);
}

/** One that says no more than a series can. */
function isOnePut({ puts, deletes }: Change): boolean {
  const [entry] = puts;
  if (entry === undefined || puts.length > 1 || deletes.length > 0) return false;
  return entry.expiresAt === undefined && entry.ephemeral === undefined;
}

function columns({ revision, tag, at, by }: Change, changes: readonly Change[]): ChangeSeries {
  const series = { keys: [] as string[], values: [] as string[], versions: [] as number[] };
  for (const { puts } of changes) {
    for (const { key, value, version } of puts) {
      series.keys.push(key);
      series.values.push(value);
      series.versions.push(version);
    }
  }
  return { revision, tag, at, by, ...series };
}
