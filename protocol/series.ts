/**
 * Puts in a row, as columns: what they have in common is said once. Many small puts are so much shorter on the wire, and
 * so much less to read and to write, that a client which speaks version 3 is told of them in no other way.
 */

import { type Change, Count, Revision, Timestamp } from "./fields.ts";
import * as s from "./shape.ts";

/** The version of clients that can read series. */
export const SERIES_SINCE = 3;

const Texts = s.array(s.string());

/** As many commits as there are keys: each of one put, and with a revision and a tag one more than the last. */
export const ChangeSeries = s.object({
  /** Of the first. */
  revision: Revision,
  /** Of the first. */
  tag: Count,
  at: Timestamp,
  by: s.string(),
  keys: Texts,
  values: Texts,
  versions: s.array(Count),
});

/** The answers to as many puts as there are versions: each has a revision one more than the last. */
export interface AnswerSeries {
  readonly ok: true;
  /** Of the first. */
  readonly revision: number;
  readonly versions: number[];
}

export type ChangeSeries = Readonly<s.Infer<typeof ChangeSeries>>;

/** All that a push tells, in order. */
export function changesIn({ changes, series }: Told): readonly Change[] {
  if (series === undefined) return changes;
  return [...changes, ...series.flatMap(changesOf)].sort((a, b) => a.revision - b.revision);
}

interface Told {
  readonly changes: readonly Change[];
  readonly series?: readonly ChangeSeries[] | undefined;
}

function changesOf({ revision, tag, at, by, keys, values, versions }: ChangeSeries): Change[] {
  return keys.map((key, i) => {
    const put = {
      key,
      value: values[i] as string,
      revision: revision + i,
      version: versions[i] as number,
      updatedAt: at,
      updatedBy: by,
    };
    return { revision: revision + i, tag: tag + i, at, by, puts: [put], deletes: [] };
  });
}
