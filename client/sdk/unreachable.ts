import { KeyroomError } from "../../protocol/errors.ts";
import { quoted } from "../../protocol/text.ts";

/** What the system's words mean to people. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "connection refused. Is the server running?"],
  [/ENOTFOUND|EAI_AGAIN/, "there is no such host. Check its name."],
  [/TIMEDOUT|UNREACH|timeout/, "no answer. Check the address and the network."],
  [/ECONNRESET|socket hang up/, "the connection was cut. Does the server expect TLS?"],
  [/CERT|SIGNED|VERIFY/i, "its certificate is not trusted. Give its issuer's: --ca FILE, or the option ca."],
  [/EPROTO|wrong version number/, "it does not speak TLS there. Use http instead of https."],
  [/\b(?:400|404|426)\b/, "something answers there, but it is no Keyroom server. Check the port."],
  [/\b403\b/, "the server does not let this page's origin connect. It needs --origin for it."],
];

/**
 * Turns the failure of a transport into words. Socket.IO hides the cause in several places: a WebSocket's error event,
 * an HTTP status, or the text of a failed request.
 */
export function unreachable(url: string, error: Error): KeyroomError {
  const clues = `${error.message} ${describe(error, "description")} ${describe(error, "context")}`;
  const reason = REASONS.find(([pattern]) => pattern.test(clues))?.[1] ?? "the connection failed.";
  return new KeyroomError("unavailable", `Cannot reach ${url}: ${reason}`, { cause: error });
}

/** What a Socket.IO server says that is none of ours, or has another idea of what is asked for. */
export function unfamiliar(url: string, refusal: Error): KeyroomError {
  const why = `The server at ${url} refuses (${quoted(refusal.message)}).`;
  return new KeyroomError("unsupported", `${why} It may be no Keyroom server. Check the port.`, { cause: refusal });
}

function describe(error: object, field: "description" | "context"): string {
  const clue = at(error, field) ?? "";
  const inner = at(clue, "error");
  const several = inner instanceof AggregateError ? inner.errors : [];
  return [
    clue,
    at(clue, "message"),
    inner,
    at(inner, "code"),
    ...several,
    at(clue, "responseText"),
    at(clue, "status"),
  ].join(" ");
}

function at(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && name in of ? Reflect.get(of, name) : undefined;
}
