/**
 * Length in UTF-8 bytes of a well-formed string.
 * Counting code units is several times faster than encoding, and needs no Node.
 */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes: two each.
    bytes += unit < 0x800 || isSurrogate(unit) ? 1 : 2;
  }
  return bytes;
}

/** Whether `text` has at most `limit` UTF-8 bytes; most texts are decided without a scan. */
export function fitsUtf8(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return true;
  return text.length <= limit && utf8Bytes(text) <= limit;
}

/**
 * Orders two well-formed strings by their UTF-8 bytes, which is the order of their code points.
 * UTF-16 agrees but for surrogates, which sort below U+E000…U+FFFF there and above them here.
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above all other code units, where the characters they stand for belong. */
function rank(unit: number): number {
  return isSurrogate(unit) ? unit + 0x10000 : unit;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** What a terminal obeys or hides and JSON leaves as it is: DEL, the C1 controls, direction marks, line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text of unknown origin for a message: in quotes, and with nothing in it that is not seen. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, escaped);
}

function escaped(character: string): string {
  // Without the flag u, a dot is half of a surrogate pair.
  return character.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
