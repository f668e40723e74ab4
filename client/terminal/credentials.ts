import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { lockFile } from "./file-lock.ts";
import { parseJson } from "./parse-json.ts";
import { configFile } from "./places.ts";
import { systemCode, systemReason } from "./system-reason.ts";
import { makeFolder, updateFile } from "./update-file.ts";

/** A list and no map, because users may be called `__proto__`. */
const TokenFile = v.object({
  tokens: v.array(v.object({ server: v.string(), user: v.nullable(v.string()), token: v.string() })),
});
type Kept = v.InferOutput<typeof TokenFile>["tokens"][number];

export function tokenFile(env: NodeJS.ProcessEnv): string {
  return configFile(env, "tokens.json");
}

/**
 * The tokens of this home directory, one for each server and user; `null` is the anonymous guest.
 * A file only its owner can read. Trouble with it is told to `warn` in a sentence and never an error:
 * what is lost is only that the next sign-in needs the password.
 */
export class Credentials {
  readonly #file: string;
  readonly #say: (sentence: string) => void;
  readonly #said = new Set<string>();

  constructor(file: string, warn: (sentence: string) => void) {
    this.#file = file;
    this.#say = warn;
  }

  async find(server: string, user: string | null): Promise<string | undefined> {
    const kept = await this.#read();
    return kept.find((it) => it.server === server && it.user === user)?.token;
  }

  async save(server: string, user: string | null, token: string): Promise<void> {
    if ((await this.find(server, user)) === token) return;
    await this.#update((others) => [...others, { server, user, token }], server, user);
  }

  async forget(server: string, user: string | null): Promise<void> {
    if ((await this.find(server, user)) === undefined) return;
    await this.#update((others) => others, server, user);
  }

  /**
   * Runs `work` while no other process of this home directory does, so that two that start together
   * become one guest and not two. Not to be nested.
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    let release = (): void => undefined;
    try {
      makeFolder(this.#file);
      release = await lockFile(`${this.#file}.sign-in`);
    } catch {
      // Nothing can be kept here, and `save` will say why.
    }
    try {
      return await work();
    } finally {
      release();
    }
  }

  async #update(change: (others: readonly Kept[]) => readonly Kept[], server: string, user: string | null) {
    try {
      await updateFile(this.#file, async () => {
        const others = (await this.#read()).filter((it) => it.server !== server || it.user !== user);
        return `${JSON.stringify({ tokens: change(others) }, null, 2)}\n`;
      });
    } catch (error) {
      this.#warn(`Cannot keep the sign-in in ${this.#file}: ${systemReason(error)}. The next one starts afresh.`);
    }
  }

  /** Once each, however often the file is read. */
  #warn(sentence: string): void {
    if (this.#said.has(sentence)) return;
    this.#said.add(sentence);
    this.#say(sentence);
  }

  async #read(): Promise<readonly Kept[]> {
    let text: string;
    try {
      text = await readFile(this.#file, "utf8");
    } catch (error) {
      if (systemCode(error) !== "ENOENT")
        this.#warn(`Cannot read the kept sign-ins in ${this.#file}: ${systemReason(error)}.`);
      return [];
    }
    const parsed = v.safeParse(TokenFile, parseJson(text));
    if (parsed.success) return parsed.output.tokens;
    this.#warn(`The kept sign-ins in ${this.#file} are damaged. The file will be replaced.`);
    return [];
  }
}
