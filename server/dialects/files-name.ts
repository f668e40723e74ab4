import { randomInt } from "node:crypto";

/** What a file system takes as one name, in UTF-8 bytes. */
export const MAX_FILE_NAME_BYTES = 255;

/** How the names of running uploads end. */
export const PART = ".part";

/**
 * The base name of what a peer calls its file, or null where nothing is left that could be a file's name in the folder
 * of uploads. `/` and `\` both part folders from names, whatever the system of the peer. A name like that of a running
 * upload is none; control characters are in no honest name, and a terminal would obey them when the folder is listed.
 */
export function baseName(name: string): string | null {
  const base = name.replace(/^.*[/\\]/s, "");
  const isName =
    !["", ".", ".."].includes(base) &&
    !/\p{Cc}/u.test(base) &&
    !base.toLowerCase().endsWith(PART) &&
    Buffer.byteLength(base) <= MAX_FILE_NAME_BYTES;
  return isName ? base : null;
}

/** Eight letters or digits; of one case, for folders that do not tell the cases apart. */
export function randomName(): string {
  const characters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 8 }, () => characters[randomInt(characters.length)]).join("");
}
