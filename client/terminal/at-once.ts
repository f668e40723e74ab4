/** What draws a text without flicker: terminals that know synchronized output show all of it at once, others ignore it. */
export function atOnce(text: string): string {
  return `\x1b[?2026h${text}\x1b[?2026l`;
}
