import { KeyroomError } from "../../protocol/errors.ts";
import { parseInput } from "../../protocol/inputs.ts";
import { quoted } from "../../protocol/text.ts";
import type { Caller } from "../domain/access.ts";
import type { Domain } from "../domain/domain.ts";
import type { Log } from "../domain/log.ts";
import { explain } from "./explain.ts";
import { failureAnswer, type JsonCommand, parseMessage, SUCCESS_ANSWER, valuesAnswer } from "./json-messages.ts";

export interface JsonTalkParts {
  readonly domain: Pick<Domain, "rooms" | "shared">;
  readonly log: Log;
}

/** What one connection of the JSON door says, and is answered. All of them share one room; locks are the connection's. */
export class JsonTalk {
  readonly #parts: JsonTalkParts;
  readonly #caller: Caller;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(parts: JsonTalkParts) {
    this.#parts = parts;
    this.#caller = parts.domain.shared.enter();
  }

  /** @param message null for what is no text. One at a time, and none after `leave`; it may take as long as it waits. */
  async answer(message: string | null): Promise<string> {
    const command = parseMessage(message);
    const answer = this.#obey(command).catch((error: unknown) => failureAnswer(this.#explain(error, command)));
    this.#underWay = answer;
    return await answer;
  }

  /** Gives up all locks, and the wait for others. */
  leave(): void {
    void this.#parts.domain.shared.leave(this.#caller, this.#underWay);
  }

  async #obey(command: JsonCommand): Promise<string> {
    const { rooms } = this.#parts.domain;
    const caller = this.#caller;
    switch (command.kind) {
      case "wrong":
        return failureAnswer(command.sentence);
      case "read": {
        const { keys, hold, waitMs } = command;
        const { entries } = await rooms.ask("read", caller, parseInput("read", { keys, hold, waitMs }));
        return entries.length === 0 ? failureAnswer("No data found for provided keys") : valuesAnswer(entries);
      }
      case "write": {
        const { puts, hold, waitMs } = command;
        await rooms.ask("write", caller, parseInput("write", { puts, hold, waitMs }));
        return SUCCESS_ANSWER;
      }
      case "lock": {
        const { keys, mode, waitMs } = command;
        await rooms.ask("lock", caller, parseInput("lock", { keys, mode, waitMs }));
        return SUCCESS_ANSWER;
      }
      case "unlock":
        await rooms.ask("unlock", caller, parseInput("unlock", { keys: command.keys }));
        return SUCCESS_ANSWER;
    }
  }

  /** In the words of this door, where the domain speaks of what it does not have. */
  #explain(error: unknown, command: JsonCommand): string {
    const holder = error instanceof KeyroomError && error.code === "locked" ? error.holder : undefined;
    if (holder === undefined || !("waitMs" in command)) return explain(error, this.#parts.log);
    const state = `is locked by another connection, or one that came first waits for it`;
    return `The key ${quoted(holder.key)} ${state}, and was not free within ${command.waitMs / 1_000} s. Try again.`;
  }
}
