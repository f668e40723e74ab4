/** The least that asks a question with inquirer. */
import { input } from "@inquirer/prompts";

await input({ message: "Server", default: "127.0.0.1" });
