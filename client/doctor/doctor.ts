/** `doctor HOST PORT`: tries everything a connection needs, and says what to do. */
import type { Credentials } from "../terminal/credentials.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { printableJson } from "../terminal/printable.ts";
import { readCa } from "../terminal/read-ca.ts";
import { secretAtHand } from "../terminal/secrets.ts";
import type { Check } from "./check.ts";
import { examine } from "./examine.ts";
import { linesOf, summary } from "./report.ts";
import type { Identity } from "./transports.ts";

/** For each check, unless the user says otherwise. */
const DEADLINE_MS = 3_000;

export interface Visit {
  readonly url: string;
  readonly secure: boolean;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly deadlineMs?: number;
  /** One object for all. */
  readonly json: boolean;
  /** Only what is not ok. */
  readonly quiet: boolean;
  /** A warning counts as a problem. */
  readonly strict: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly credentials: Pick<Credentials, "find">;
  /** Of this package. */
  readonly version: string;
}

/** @throws LocalError when a file that was named cannot be read */
export async function visit(visit: Visit): Promise<ExitCode> {
  const { url, secure, json, quiet, stdout, env, version } = visit;
  const { hostname, port } = new URL(url);
  const patient = {
    url,
    secure,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port === "" ? (secure ? 443 : 80) : port),
    ca: await readCa(visit.caFile),
    deadlineMs: visit.deadlineMs ?? DEADLINE_MS,
  };
  const checks: Check[] = [];
  for await (const check of examine({ patient, identity: await identityOf(visit), env, version })) {
    checks.push(check);
    if (json || (quiet && check.state === "ok")) continue;
    for (const line of linesOf(check, stdout.isTTY ? stdout.columns : undefined, stdout)) stdout.write(`${line}\n`);
  }
  const exit = exitOf(checks, visit.strict);
  if (json) stdout.write(`${printableJson({ command: "doctor", url, well: exit === EXIT.done, checks })}\n`);
  else if (!quiet) stdout.write(`\n${summary(checks)}\n`);
  return exit;
}

async function identityOf({ url, user, passwordFile: file, env, credentials }: Visit): Promise<Identity> {
  const token = await credentials.find(url, user ?? null);
  const password = user === undefined ? undefined : await secretAtHand({ file, variable: "KEYROOM_PASSWORD", env });
  return {
    ...(user !== undefined && { user }),
    ...(token !== undefined && { token }),
    ...(password !== undefined && { password }),
  };
}

function exitOf(checks: readonly Check[], isStrict: boolean): ExitCode {
  if (checks.some(({ unreachable }) => unreachable)) return EXIT.unreachable;
  return checks.some(({ state }) => state === "problem" || (isStrict && state === "warning")) ? EXIT.error : EXIT.done;
}
