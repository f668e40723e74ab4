/** Puts in a row, in a batch and among its answers: in columns on the wire, one by one everywhere else. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { isCounter } from "../../protocol/input-fields.ts";
import { BATCH_REQUESTS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { AnswerSeries } from "../../protocol/series.ts";

/** The payload of a series of puts: that of the n-th has the n-th key and value. */
interface PutSeries {
  readonly keys: readonly unknown[];
  readonly values: readonly unknown[];
  readonly room?: unknown;
}

const FIELDS: readonly string[] = ["keys", "values", "room"];

/**
 * The requests of a batch, each as if it had come by itself.
 * @throws KeyroomError `invalid` when they are too many
 */
export function eachRequest(requests: readonly unknown[]): readonly unknown[] {
  const all: unknown[] = [];
  for (const request of requests) {
    const [name, series, counter]: readonly unknown[] = Array.isArray(request) && request.length <= 3 ? request : [];
    const isSeries = name === "put" && isPutSeries(series);
    // Before any is made of them: a message has room for a million.
    if (all.length + (isSeries ? series.keys.length : 1) > BATCH_REQUESTS) {
      throw new KeyroomError("invalid", `A batch has at most ${BATCH_REQUESTS} requests.`);
    }
    if (isSeries) series.keys.forEach((_, i) => void all.push(putOf(series, i, counter)));
    else all.push(request);
  }
  return all;
}

function isPutSeries(payload: unknown): payload is PutSeries {
  if (typeof payload !== "object" || payload === null || !("keys" in payload) || !("values" in payload)) return false;
  const { keys, values } = payload;
  if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length) return false;
  return Object.keys(payload).every((field) => FIELDS.includes(field));
}

/** Its counter is as many more than the first's. */
function putOf({ keys, values, room }: PutSeries, i: number, counter: unknown): readonly unknown[] {
  const payload = { key: keys[i], value: values[i], room };
  return ["put", payload, isCounter(counter) ? counter + i : counter];
}

/** An answer, and what it says if it is that of a put that was done. */
interface Said {
  readonly answer: Answer<unknown>;
  readonly put: Output<"put"> | null;
}

export function answersInSeries(answers: readonly Said[]): unknown[] {
  const said: unknown[] = [];
  let series = NONE;
  for (const { answer, put } of answers) {
    if (put === null) {
      said.push(answer);
      series = NONE;
    } else if (put.revision === series.revision + series.versions.length) {
      series.versions.push(put.version);
    } else {
      series = { ok: true, revision: put.revision, versions: [put.version] };
      said.push(series);
    }
  }
  return said;
}

/** What no put goes on with. */
const NONE: AnswerSeries = { ok: true, revision: Number.NaN, versions: [] };
