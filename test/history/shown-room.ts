import type { Entry } from "../../protocol/fields.ts";
import type { Epoch, KnownCommit } from "./epoch.ts";

/** Of one commit, the keys that a picture of the room shows as that commit left them, and those that it does not. */
export interface Effect {
  readonly revision: number;
  readonly shown: string[];
  readonly missing: string[];
}

/**
 * Compares a picture of the room at a revision with the commits up to there: of each, those keys that it was the last to
 * change. Where not all commits are known, what may be the work of an unknown one is left out.
 * @param isAsked which keys the picture is of
 */
export function effectsIn(
  epoch: Epoch,
  revision: number,
  picture: ReadonlyMap<string, Pick<Entry, "revision">>,
  isAsked: (key: string) => boolean,
): readonly Effect[] {
  const effects = new Map<number, Effect>();
  const since = knownSince(epoch, revision);
  for (const [key, { commit, isPut }] of lastChanges(epoch, revision)) {
    if (!isAsked(key)) continue;
    const at = picture.get(key)?.revision;
    const isRight = isPut ? at === commit.revision : at === undefined;
    // A later commit that nobody has seen may have changed or deleted it.
    const isExcused = commit.revision < since && (at === undefined || at > commit.revision);
    if (!isRight && isExcused) continue;
    const effect = effects.get(commit.revision) ?? { revision: commit.revision, shown: [], missing: [] };
    effects.set(commit.revision, effect);
    (isRight ? effect.shown : effect.missing).push(key);
  }
  return [...effects.values()];
}

/** The entries by their keys. */
export function pictureOf(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}

interface LastChange {
  readonly commit: KnownCommit;
  readonly isPut: boolean;
}

function lastChanges({ commits }: Epoch, revision: number): Map<string, LastChange> {
  const last = new Map<string, LastChange>();
  const sorted = [...commits.values()].filter((commit) => commit.revision <= revision);
  for (const commit of sorted.sort((a, b) => a.revision - b.revision)) {
    for (const key of commit.puts.keys()) last.set(key, { commit, isPut: true });
    for (const key of commit.deletes) last.set(key, { commit, isPut: false });
  }
  return last;
}

/** Behind this revision every commit is known, up to the other one. */
function knownSince(epoch: Epoch, revision: number): number {
  let since = revision;
  while (since > epoch.start && epoch.commits.get(since)?.isWhole === true) since--;
  return since;
}
