import { createInterface } from "node:readline";
import type { RunningServer } from "./server.ts";

const HELP =
  "Here you can say: users, promote USER, demote USER, delete USER (with his keys), help. Ctrl-C stops the server.";

/** What the operator can do. */
type Operated = Pick<RunningServer, "users" | "promote" | "demote" | "deleteUser">;

/** Takes the operator's words from the server's own terminal. Returns its closer. */
export function listenToOperator(
  input: NodeJS.ReadableStream,
  say: (line: string) => void,
  server: Operated,
): () => void {
  const lines = createInterface({ input, terminal: false });
  lines.on("line", (line) => {
    obey(line, server).then(say, (error: unknown) => say(error instanceof Error ? error.message : String(error)));
  });
  // The terminal has gone; the server has not.
  lines.on("error", () => lines.close());
  return () => lines.close();
}

async function obey(line: string, server: Operated): Promise<string> {
  const [word, user, ...rest] = line.trim().split(/\s+/);
  if (word === "users" && user === undefined) return list(server.users());
  if (user === undefined || rest.length > 0) return HELP;
  switch (word) {
    case "promote":
      await server.promote(user);
      return `${user} is a manager.`;
    case "demote":
      await server.demote(user);
      return `${user} is a guest.`;
    case "delete":
      await server.deleteUser(user);
      return `${user} is deleted, with all keys.`;
    default:
      return HELP;
  }
}

function list(users: ReturnType<Operated["users"]>): string {
  if (users.length === 0) return "There are no users yet.";
  return users.map(({ name, role, online }) => `${name}  ${role}${online ? ", online" : ""}`).join("\n");
}
