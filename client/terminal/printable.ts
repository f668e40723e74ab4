/**
 * The one place that makes other people's text safe to show. A value or a name is data: it must not move
 * the cursor, recolour the screen, reverse the reading order or hide letters.
 */

// Controls, format characters (bidi, joiners, tags), line separators, halves of pairs, and all else that shows nothing.
// Emoji stay whole: their variation selector, and the joiner between two of them.
const UNSAFE =
  /(?<=\p{Extended_Pictographic})\ufe0f|(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})|([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `text` on one line, with what a terminal would obey or not show as visible escapes: `\n`, `\x1b`, `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (whole: string, unsafe: string | undefined) =>
    unsafe === undefined ? whole : (SHORT[unsafe] ?? visible(unsafe)),
  );
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** `value` as JSON on one line that a terminal shows as it is; it parses to the same value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (whole: string, unsafe: string | undefined) =>
    unsafe === undefined ? whole : jsonVisible(unsafe),
  );
}

function jsonVisible(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}
