import { KeyroomError } from "../../protocol/errors.ts";
import { quoted } from "../../protocol/text.ts";
import { type Reason, SYSTEM_REASONS } from "./system-reasons.ts";

/** What is the same everywhere. */
const REASONS: readonly Reason[] = [
  ...SYSTEM_REASONS,
  [/timeout/, "no answer. Check the address and the network."],
  [/\b(?:400|404|426)\b/, "something answers there, but it is no Keyroom server. Check the port."],
  [/\b403\b/, "the server does not let this page connect. It needs --origin for it."],
];

/** Where Socket.IO hides the cause: a WebSocket's error event, an HTTP status, the text of a failed request. */
const HIDEOUTS = ["message", "code", "description", "context", "error", "errors", "responseText", "status"];

/** Turns the failure of a transport into words. */
export function unreachable(url: string, error: Error): KeyroomError {
  const clues = cluesOf(error, 2);
  const reason = REASONS.find(([pattern]) => pattern.test(clues))?.[1] ?? "the connection failed.";
  return new KeyroomError("unavailable", `Cannot reach ${url}: ${reason}`, { cause: error });
}

function cluesOf(found: unknown, depth: number): string {
  if (typeof found !== "object" || found === null || depth < 0) return String(found);
  return HIDEOUTS.map((name) => cluesOf(Reflect.get(found, name), depth - 1)).join(" ");
}

/** What a Socket.IO server says that is none of ours, or has another idea of what is asked for. */
export function unfamiliar(url: string, refusal: Error): KeyroomError {
  const why = `The server at ${url} refuses (${quoted(refusal.message)}).`;
  return new KeyroomError("unsupported", `${why} It may be no Keyroom server. Check the port.`, { cause: refusal });
}
