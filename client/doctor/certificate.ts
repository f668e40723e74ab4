/** TLS: whether it is spoken, and what the certificate is worth. */
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { systemCode, systemReason } from "../terminal/system-reason.ts";
import { type Check, inSeconds, ok, type Patient, problem, unreachable, warning } from "./check.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Fewer days than this want a word. */
const FEW_DAYS = 14;

/** For a server to which TLS is spoken. */
export async function checkCertificate(patient: Patient): Promise<Check> {
  const { host, port, deadlineMs } = patient;
  const outcome = await shakeHands(patient);
  switch (outcome.kind) {
    case "late": {
      const says = `${host} takes the connection and does not begin TLS within ${inSeconds(deadlineMs)}.`;
      return unreachable("tls", says, "Leave out --tls, or check the port.");
    }
    case "failed": {
      // What the library says of it is not for people.
      const why = systemCode(outcome.error)?.startsWith("ERR_SSL") ? "" : ` (${systemReason(outcome.error)})`;
      const says = `What answers at port ${port} does not speak TLS${why}.`;
      return unreachable("tls", says, "Leave out --tls and --ca, or give the port at which TLS is spoken.");
    }
    case "spoken":
      return judge(outcome.socket, host);
  }
}

/** Whether TLS is spoken there at all. */
export async function speaksTls(patient: Patient): Promise<boolean> {
  return (await shakeHands(patient)).kind === "spoken";
}

type Handshake =
  | { readonly kind: "spoken"; readonly socket: TLSSocket }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "late" };

function shakeHands({ host, port, ca, deadlineMs }: Patient): Promise<Handshake> {
  return new Promise((resolve) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...servername, ...(ca !== undefined && { ca }), rejectUnauthorized: false });
    const end = (outcome: Handshake): void => {
      clearTimeout(timer);
      resolve(outcome);
      // What was seen of it stays.
      setImmediate(() => socket.destroy());
    };
    const timer = setTimeout(() => end({ kind: "late" }), deadlineMs);
    socket.on("error", (error) => end({ kind: "failed", error }));
    socket.once("secureConnect", () => end({ kind: "spoken", socket }));
  });
}

/** @param now in ms since 1970 */
export function judge(
  socket: Pick<TLSSocket, "authorized" | "authorizationError" | "getPeerCertificate" | "getProtocol">,
  host: string,
  now = Date.now(),
): Check {
  const { subject, subjectaltname, valid_to: end } = socket.getPeerCertificate();
  const days = Math.floor((Date.parse(end) - now) / DAY_MS);
  if (!socket.authorized) {
    // Node declares an Error, and gives the code.
    const why: unknown = socket.authorizationError;
    const code = typeof why === "string" ? why : (systemCode(why) ?? String(why));
    return { ...distrusted(code, host, subjectaltname ?? String(subject.CN), days), unreachable: true };
  }
  const says = `The certificate is trusted, and good for ${days} days more (${socket.getProtocol()}).`;
  if (days >= FEW_DAYS) return ok("tls", says);
  return warning("tls", says, "Renew it on the server before it ends: then nobody can connect any more.");
}

function distrusted(code: string, host: string, names: string, days: number): Check {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return problem(
        "tls",
        `The certificate ended ${-days} days ago.`,
        "Renew it on the server. If it is new, check this machine's clock.",
      );
    case "CERT_NOT_YET_VALID":
      return problem("tls", "The certificate is not valid yet.", "Check this machine's clock.");
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return problem(
        "tls",
        `The certificate is not for ${host} but for ${names}.`,
        "Connect by a name it is for, or have the server use one for this name.",
      );
    default:
      return problem(
        "tls",
        `The certificate is not trusted here (${code.toLowerCase().replaceAll("_", " ")}).`,
        "Give the certificate of its issuer: --ca FILE.",
      );
  }
}
