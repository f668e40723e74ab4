/** What answers HTTP there, whether it is well, and by which clock. */
import { get as getHttp, type IncomingHttpHeaders } from "node:http";
import { get as getHttps } from "node:https";
import { systemReason } from "../terminal/system-reason.ts";
import { speaksTls } from "./certificate.ts";
import { type Check, inSeconds, ok, type Patient, problem, unreachable, warning } from "./check.ts";

/** More than a healthy answer has. */
const MAX_BYTES = 4096;
/** The header tells whole seconds, and the answer takes its time. */
const CLOCK_MS = 5_000;

export interface Health {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Ms since 1970 of this machine's clock, halfway between question and answer. */
  readonly at: number;
}

/** The answer of `/healthz`, or why there is none. */
export async function askHealth(patient: Patient): Promise<Health | Check> {
  const asked = Date.now();
  try {
    const { status, headers, body } = await ask(patient);
    return { status, headers, body, at: (asked + Date.now()) / 2 };
  } catch (error) {
    if (error instanceof Late) {
      const says = `It takes the connection and does not answer within ${inSeconds(patient.deadlineMs)}.`;
      return unreachable(
        "server",
        says,
        "Check the port. If it is right, the server hangs: look at it, or start it again.",
      );
    }
    if (!patient.secure && (await speaksTls(patient))) {
      return unreachable("server", "It speaks TLS there.", "Add --tls.");
    }
    const says = `What answers is no Keyroom server (${systemReason(error)}).`;
    return unreachable("server", says, "Check the port.");
  }
}

class Late extends Error {}

function ask({ url, secure, ca, deadlineMs }: Patient): Promise<Omit<Health, "at">> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, ...(ca !== undefined && { ca }) };
    const request = (secure ? getHttps : getHttp)(`${url}/healthz`, options, (response) => {
      let body = "";
      const done = (): void => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        request.destroy();
      };
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
        if (body.length > MAX_BYTES) done();
      });
      response.on("end", done).on("error", reject);
    });
    const timer = setTimeout(() => request.destroy(new Late()), deadlineMs);
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** @param isKeyroom whether the transports have found it to be one */
export function checkHealth({ status, headers, body }: Health, isKeyroom: boolean): Check {
  if (status === 200 && statusIn(body) === "ok") return ok("server", "It answers, and says that it is well.");
  if (status === 503 && statusIn(body) === "closing") {
    return problem("server", "It is about to stop.", "Wait until it is started again.");
  }
  if (isKeyroom) {
    const says = `It is Keyroom, but /healthz is answered with HTTP ${status}.`;
    return warning(
      "server",
      says,
      "Let the proxy in front pass /healthz, too, if something is to watch over the server.",
    );
  }
  const program = headers["server"] === undefined ? "" : `, by ${String(headers["server"])}`;
  return problem(
    "server",
    `What answers is no Keyroom server (HTTP ${status}${program}).`,
    "Check the host and the port.",
  );
}

function statusIn(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "status" in parsed ? parsed.status : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the server does not tell the time. */
export function checkClock({ headers, at }: Health): Check | undefined {
  // The header drops what is less than a second.
  const difference = Date.parse(headers.date ?? "") + 500 - at;
  if (Number.isNaN(difference)) return undefined;
  if (Math.abs(difference) <= CLOCK_MS) return ok("clock", "This machine's clock and the server's agree.");
  const seconds = Math.round(Math.abs(difference) / 1000);
  const apart = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return warning(
    "clock",
    `This machine's clock is ${apart} ${difference > 0 ? "behind" : "ahead of"} the server's.`,
    "Set both by the network (NTP). Until then the times of changes look wrong here; nothing is lost.",
  );
}
