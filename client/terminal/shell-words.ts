// What a terminal would obey or not show, as in printable.ts: no form in single quotes survives that.
const UNSAFE = "\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}";
const IS_UNSAFE = new RegExp(`[${UNSAFE}]`, "u");
const TO_ESCAPE = new RegExp(`['\\\\${UNSAFE}]`, "gu");

/** The words as one types them in a shell: quoted where it would take them for something else. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (IS_UNSAFE.test(word)) return `$'${word.replace(TO_ESCAPE, escaped)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
