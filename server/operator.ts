import { createInterface } from "node:readline";
import type { RunningServer } from "./server.ts";

const HELP = "Here you can say: promote USER, demote USER, help. Ctrl-C stops the server.";

/** Takes the operator's words from the server's own terminal. Returns its closer. */
export function listenToOperator(
  input: NodeJS.ReadableStream,
  say: (line: string) => void,
  server: Pick<RunningServer, "promote" | "demote">,
): () => void {
  const lines = createInterface({ input, terminal: false });
  lines.on("line", (line) => {
    obey(line, server).then(say, (error: unknown) => say(error instanceof Error ? error.message : String(error)));
  });
  return () => lines.close();
}

async function obey(line: string, server: Pick<RunningServer, "promote" | "demote">): Promise<string> {
  const [word, user, ...rest] = line.trim().split(/\s+/);
  if (user === undefined || rest.length > 0) return HELP;
  switch (word) {
    case "promote":
      await server.promote(user);
      return `${user} is a manager.`;
    case "demote":
      await server.demote(user);
      return `${user} is a guest.`;
    default:
      return HELP;
  }
}
