import type { Choice } from "./talk.ts";

/** The choices that what is typed may mean, the likeliest first; all in their order where nothing is typed. */
export function matching<C extends Choice>(choices: readonly C[], typed: string): readonly C[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return choices;
  const ranked = choices.map((choice) => ({ choice, rank: rankOf(choice, wanted) }));
  return ranked
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank)
    .map(({ choice }) => choice);
}

const NO_MATCH = 5;

/** 0 is what it means for sure. */
function rankOf({ name, key, hint }: Choice, wanted: string): number {
  if (wanted === key || wanted === name) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.split(" ").some((word) => word.startsWith(wanted))) return 2;
  if (isSubsequence(wanted, name)) return 3;
  return hint.split(" ").some((word) => word.startsWith(wanted)) ? 4 : NO_MATCH;
}

function isSubsequence(wanted: string, text: string): boolean {
  let from = 0;
  return [...wanted].every((letter) => {
    const at = text.indexOf(letter, from);
    from = at + 1;
    return at !== -1;
  });
}
