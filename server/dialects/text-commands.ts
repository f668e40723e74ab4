/** The words of the text doors. */

export type Command =
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  /** Without a user, of the own room. */
  | { readonly kind: "get"; readonly user: string | null; readonly key: string }
  /** What follows the word may be a passphrase, which may have spaces. */
  | { readonly kind: "upgrade"; readonly passphrase: string | undefined }
  | { readonly kind: "quit" };

/** Not to be used as names: a client that has lost its login would sign in as its next command. */
export const COMMAND_WORDS: readonly string[] = ["get", "put", "upgrade", "q"];

/** Null for what is no command. Words are told apart by ASCII white space, any amount of it, and are taken as they are. */
export function parseCommand(message: string): Command | null {
  const text = message.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
  const [word, ...rest] = text.split(/[\t-\r ]+/);
  const [first, second] = rest;
  if (word === "upgrade") return { kind: "upgrade", passphrase: afterWord(text, word) };
  if (word === "q" && rest.length === 0) return { kind: "quit" };
  if (word === "get" && rest.length === 1 && first !== undefined) return { kind: "get", user: null, key: first };
  if (rest.length !== 2 || first === undefined || second === undefined) return null;
  if (word === "get") return { kind: "get", user: first, key: second };
  if (word === "put") return { kind: "put", key: first, value: second };
  return null;
}

function afterWord(text: string, word: string): string | undefined {
  const rest = text.slice(word.length).replace(/^[\t-\r ]+/, "");
  return rest === "" ? undefined : rest;
}
