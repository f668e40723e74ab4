/** Passwords and passphrases: from a file, from the environment or typed unseen; never from an argument. */
import { readFile } from "node:fs/promises";
import { variable } from "./environment.ts";
import { LocalError } from "./local-error.ts";
import { systemReason } from "./system-reason.ts";

export interface SecretPlaces {
  /** Its first line is the secret; goes before the variable. */
  readonly file: string | undefined;
  /** Name of the environment's variable. */
  readonly variable: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The secret that can be had without asking, or undefined. */
export async function secretAtHand({ file, variable: name, env }: SecretPlaces): Promise<string | undefined> {
  if (file === undefined) return variable(env, name);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new LocalError(`Cannot read ${file}: ${systemReason(error)}.`);
  }
  const secret = text.split(/\r?\n/, 1)[0] ?? "";
  if (secret === "") throw new LocalError(`The first line of ${file} is empty. Write the secret there.`);
  return secret;
}

/** Where a secret is typed; the process has both. */
export interface Keyboard {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Whether somebody is there to type one. */
export function canPrompt({ stdin, stderr }: Keyboard): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks on the terminal, through stderr so that stdout stays the program's. */
export async function promptSecret(message: string, { stdin, stderr }: Keyboard): Promise<string> {
  const { askSecret } = await import("./ask-secret.ts");
  return askSecret(message, stdin, stderr);
}
