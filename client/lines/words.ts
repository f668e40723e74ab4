/** One word of a typed line. */
export interface Word {
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
  /** Whether it began with a quote: then it is never taken for a command. */
  readonly isQuoted: boolean;
}

export interface Split {
  readonly words: readonly Word[];
  /** The quote that the last word began with and never closed, or null. */
  readonly open: string | null;
  /** Whether the last word may go on: nothing stands behind it. */
  readonly endsInWord: boolean;
}

// A quote counts at the beginning of a word only, so that `don't` needs none.
const WORD = /"((?:\\["\\]|[^"])*)("?)(\S*)|'([^']*)('?)(\S*)|\S+/gu;

/**
 * The words of a line, parted by white space. A word may be put in double quotes, where `\"` and `\\` stand for the
 * second of them, or in single quotes, where everything stands for itself.
 */
export function splitWords(line: string): Split {
  const words: Word[] = [];
  let open: string | null = null;
  for (const match of line.matchAll(WORD)) {
    const [all, double, doubleEnd, doubleRest, single, singleEnd, singleRest] = match;
    if (double !== undefined) {
      words.push(word(match.index, double.replace(/\\(["\\])/g, "$1") + (doubleRest ?? "")));
      if (doubleEnd === "") open = '"';
    } else if (single !== undefined) {
      words.push(word(match.index, single + (singleRest ?? "")));
      if (singleEnd === "") open = "'";
    } else {
      words.push({ text: all, start: match.index, isQuoted: false });
    }
  }
  return { words, open, endsInWord: open !== null || /\S$/u.test(line) };
}

function word(start: number, text: string): Word {
  return { text, start, isQuoted: true };
}

/** How the text is typed as one word that is not taken for anything else. */
export function asWord(text: string, isCommand: (text: string) => boolean): string {
  if (/^[^\s"']\S*$/u.test(text) && !isCommand(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
