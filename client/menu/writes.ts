import { KeyroomError } from "../../protocol/errors.ts";
import type { Room } from "../sdk/index.ts";
import { howToWait } from "../terminal/how-to-wait.ts";
import { settle } from "./settle.ts";

/** What every write answers. */
export interface Written {
  readonly revision: number | null;
}

/** Writes that nobody waits for any more: each is told of when it has ended. */
export class Writes {
  readonly #tell: (news: string) => void;
  readonly #changed: () => void;
  #open = 0;

  constructor(tell: (news: string) => void, changed: () => void) {
    this.#tell = tell;
    this.#changed = changed;
  }

  get open(): number {
    return this.#open;
  }

  /** @param what the write, as in "put city" */
  async follow(what: string, room: Room, write: Promise<Written>): Promise<void> {
    this.#count(1);
    try {
      const { revision } = await write;
      this.#tell(`Committed: ${what}${revision === null ? ", which changed nothing" : `, revision ${revision}`}.`);
    } catch (error) {
      await this.#failed(what, room, error);
    } finally {
      this.#count(-1);
    }
  }

  async #failed(what: string, room: Room, error: unknown): Promise<void> {
    const why = messageOf(error);
    if (!(error instanceof KeyroomError) || error.op === undefined) return this.#tell(`Not committed: ${what}. ${why}`);
    this.#tell(`Outcome unknown: ${what}. ${why} Asking the server…`);
    const outcome = await settle(room, error).catch(
      (trouble: unknown) => `The server could not be asked. ${messageOf(trouble)}`,
    );
    this.#tell(`Of ${what}: ${outcome}`);
  }

  #count(more: number): void {
    this.#open += more;
    this.#changed();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? howToWait(error.message, "Do it again to wait for it") : String(error);
}
