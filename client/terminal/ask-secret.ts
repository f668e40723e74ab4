import type { Readable } from "node:stream";
import { password } from "@inquirer/prompts";
import type { Output } from "./io.ts";
import { LiveTerminal } from "./live-terminal.ts";
import { Question } from "./question.ts";

/**
 * Asks for something that is typed unseen.
 * @throws Interrupted
 */
export function askSecret(message: string, input: Readable, output: Output): Promise<string> {
  const question = new Question(input, new LiveTerminal(output), { escapable: () => false });
  return question.ask((context) => password({ message, mask: "*" }, context), null);
}
