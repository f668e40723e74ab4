/** What leaves together, and what is too much for one message. */
import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { isBatched } from "../../protocol/requests.ts";
import type { Waiting } from "./waiting.ts";

/** More than what surrounds a payload on the wire: packet type, acknowledgement id, event name, operation id. */
const ENVELOPE_BYTES = 256;

/** Fewer than a batch may have: with several on their way, client and server work at the same time. */
export const PACKET_REQUESTS = 512;

/** JSON takes at most six bytes for a UTF-16 unit. */
const JSON_BYTES = 6;

/** The first of `queue` from `from` on that can leave as one event, at most `most` of them. */
export function nextPacket(queue: readonly Waiting[], from: number, most: number): readonly Waiting[] {
  let end = from;
  let bytes = 0;
  while (end < queue.length && end - from < Math.min(most, PACKET_REQUESTS)) {
    const { name, size, waitMs } = queue[end] as Waiting;
    bytes += ENVELOPE_BYTES + JSON_BYTES * size;
    const isAlone = waitMs > 0 || !isBatched(name);
    if (end > from && (bytes > FIXED_LIMITS.frameBytes || isAlone)) break;
    end++;
    if (isAlone) break;
  }
  return queue.slice(from, end);
}

/** What a batch has for the packet: puts in a row, the most common by far, as columns. */
export function requestsOf(packet: readonly Waiting[]): readonly unknown[] {
  const requests: unknown[] = [];
  let series: { readonly keys: unknown[]; readonly values: unknown[]; readonly room: unknown } | null = null;
  /** The counter with which the series goes on. */
  let next = 0;
  for (const { name, payload, counter } of packet) {
    const { key, value, room } = payload;
    if (name !== "put" || Object.keys(payload).length !== (room === undefined ? 2 : 3)) {
      requests.push(counter === 0 ? [name, payload] : [name, payload, counter]);
      series = null;
      continue;
    }
    if (series === null || room !== series.room || counter !== next) {
      series = { keys: [], values: [], room };
      requests.push([name, series, counter]);
    }
    series.keys.push(key);
    series.values.push(value);
    next = counter + 1;
  }
  return requests;
}

/** What surrounds each field of what is listed, such as `"revision":…,`, is no more than so many units may take. */
const FIELD_SIZE = 5;

/** What takes no more than that, and is what it says it is in JSON. */
const SMALL: readonly string[] = ["number", "boolean", "undefined"];

/**
 * UTF-16 units of the texts in a payload.
 * @param isListed whether it is, or is part of, a list: of texts, or of objects with texts and what is small
 * @throws KeyroomError `invalid` for objects and the like: their size is not known, and not all of them travel
 */
export function textSize(payload: Readonly<Record<string, unknown>>, isListed = false): number {
  let size = 0;
  for (const name in payload) {
    const value = payload[name];
    if (isListed) size += FIELD_SIZE;
    if (typeof value === "string") size += value.length;
    else if (isObject(value) && (isListed || Array.isArray(value))) size += textSize(value, true);
    else if (value === null ? name !== "ttlMs" : !SMALL.includes(typeof value)) {
      throw new KeyroomError("invalid", `The ${name} is neither text nor number. JSON.stringify makes a text of it.`);
    }
  }
  return size;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** @throws KeyroomError `too_large` for what would make the server cut the connection */
export function checkSize(payload: Readonly<Record<string, unknown>>, size: number): void {
  const limit = FIXED_LIMITS.frameBytes;
  if (size * JSON_BYTES + ENVELOPE_BYTES <= limit) return;
  const bytes = messageBytes(payload);
  if (bytes <= limit) return;
  throw new KeyroomError("too_large", `The message would take ${bytes} bytes as JSON; at most ${limit} can be sent.`);
}

/** What a payload takes as a message, in bytes at most. */
export function messageBytes(payload: object): number {
  return new TextEncoder().encode(JSON.stringify(payload)).length + ENVELOPE_BYTES;
}
