/** The first word of a watch: where it begins, in pages. */
import type { Entry, Position } from "../../protocol/fields.ts";
import type { Change, Filter } from "../engine/port.ts";
import { restrict } from "./filters.ts";
import { changeBytes, chunk, entryBytes } from "./pages.ts";

/** A snapshot at a position; every change since one; or, where the log does not reach, a snapshot that says so. */
export type Start =
  | { readonly kind: "snapshot" | "gap"; readonly position: Position; readonly entries: readonly Entry[] }
  | { readonly kind: "changes"; readonly position: Position; readonly changes: readonly Change[] };

/** As it is sent: `more` while further pages follow. */
export interface StartPage {
  readonly position: Position;
  readonly snapshot?: Entry[];
  readonly changes?: WireChange[];
  readonly gap?: true;
  readonly more?: true;
}

export type WireChange = { revision: number; tag: number; at: number; by: string; puts: Entry[]; deletes: string[] };

export function toWire({ revision, tag, at, by, puts, deletes }: Change): WireChange {
  return { revision, tag, at, by, puts: [...puts], deletes: [...deletes] };
}

/** A start as if it had been read at a later position, `changes` being what happened on the way. */
export function fold(start: Start, changes: readonly Change[], filter: Filter, position: Position): Start {
  const later = changes.filter(({ revision }) => revision > start.position.revision);
  const seen = later.map((change) => restrict(change, filter)).filter((change) => change !== null);
  if (start.kind === "changes") return { kind: "changes", position, changes: [...start.changes, ...seen] };
  return { kind: start.kind, position, entries: applied(start.entries, seen) };
}

function applied(entries: readonly Entry[], changes: readonly Change[]): readonly Entry[] {
  if (changes.length === 0) return entries;
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  for (const { puts, deletes } of changes) {
    for (const entry of puts) byKey.set(entry.key, entry);
    for (const key of deletes) byKey.delete(key);
  }
  return [...byKey.values()];
}

export function onePage(start: Start): StartPage {
  const { position } = start;
  if (start.kind === "changes") return { position, changes: start.changes.map(toWire) };
  return { position, snapshot: [...start.entries], ...(start.kind === "gap" ? { gap: true } : {}) };
}

/** At least one page, each of about a page's bytes at the most or of a single item. */
export function paginate(start: Start): readonly StartPage[] {
  const pages = start.kind === "changes" ? changePages(start.changes, start.position) : entryPages(start);
  return pages.map((page, i) => (i < pages.length - 1 ? { ...page, more: true } : page));
}

function entryPages({ kind, entries, position }: Extract<Start, { entries: unknown }>): StartPage[] {
  const gap = kind === "gap" ? { gap: true as const } : {};
  return chunk(entries, entryBytes).map((snapshot) => ({ position, snapshot, ...gap }));
}

/** Each page's position is the one after its last change, so that a client can resume between pages. */
function changePages(changes: readonly Change[], end: Position): StartPage[] {
  return chunk(changes, changeBytes).map((page, i, all) => {
    const last = page.at(-1);
    const position =
      i === all.length - 1 || last === undefined ? end : { ...end, revision: last.revision, tag: last.tag };
    return { position, changes: page.map(toWire) };
  });
}
