/** The name, and the port at each address that it stands for. */
import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode, systemReason } from "../terminal/system-reason.ts";
import { type Check, inMs, inSeconds, ok, type Patient, unreachable, warning } from "./check.ts";

const NOT_IN_TIME = "TIMEOUT";
/** This machine has no way to the address at all. */
const NO_WAY: readonly (string | null)[] = ["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];

export interface Resolved {
  readonly check: Check;
  readonly addresses: readonly string[];
}

export async function resolveName({ host, deadlineMs }: Patient): Promise<Resolved> {
  if (isIP(host) !== 0)
    return { check: ok("name", `${host} is an address and needs no resolving.`), addresses: [host] };
  const late = new AbortController();
  try {
    const found = await Promise.race([
      lookup(host, { all: true, verbatim: true }),
      sleep(deadlineMs, [], { signal: late.signal }),
    ]);
    const addresses = found.map(({ address }) => address);
    if (addresses.length > 0) return { check: ok("name", `${host} stands for ${addresses.join(", ")}.`), addresses };
    const says = `The name service did not say within ${inSeconds(deadlineMs)} what ${host} stands for.`;
    return { check: unreachable("name", says, "Check this machine's network and DNS."), addresses };
  } catch (error) {
    return { check: unresolved(host, error), addresses: [] };
  } finally {
    late.abort();
  }
}

function unresolved(host: string, error: unknown): Check {
  if (systemCode(error) === "ENOTFOUND") {
    return unreachable("name", `There is no host called ${host}.`, "Check its spelling, or give its address.");
  }
  const says = `${host} cannot be resolved: ${systemReason(error)}.`;
  return unreachable("name", says, "Check this machine's network and DNS, or give the server's address.");
}

/** How it went at one address. */
export interface Dialled {
  readonly address: string;
  readonly ms: number;
  /** The system's code, where no connection came about. */
  readonly failure: string | null;
}

export async function checkPort(patient: Patient, addresses: readonly string[]): Promise<Check> {
  return judgePort(await Promise.all(addresses.map((address) => dial(address, patient))), patient);
}

export function judgePort(dialled: readonly Dialled[], patient: Patient): Check {
  const { host, port } = patient;
  const open = dialled.filter(({ failure }) => failure === null);
  const shut = dialled.filter(({ failure }) => failure !== null);
  if (open.length === 0) return closed(shut, patient);
  const takes = `${namesOf(open)} ${open.length === 1 ? "takes" : "take"} connections at port ${port}`;
  if (shut.length === 0) return ok("port", `${takes} (${inMs(Math.max(...open.map(({ ms }) => ms)))}).`);
  // Most often this machine has no IPv6, which says nothing of the server.
  if (shut.every(({ failure }) => isNoWay(failure))) {
    return ok("port", `${takes}. There is no way to ${namesOf(shut)} from here, and none is needed.`);
  }
  const says = `${takes}, ${namesOf(shut)} ${shut.length === 1 ? "does" : "do"} not.`;
  // So it is on every machine whose server listens at 127.0.0.1 alone.
  if (host === "localhost") return ok("port", says);
  return warning(
    "port",
    says,
    "This client tries all addresses; others may not. Serve them all, or take the dead one out of the name.",
  );
}

function dial(address: string, { port, deadlineMs }: Patient): Promise<Dialled> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const done = (failure: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ address, ms: performance.now() - begun, failure });
    };
    const timer = setTimeout(() => done(NOT_IN_TIME), deadlineMs);
    socket.once("connect", () => done(null));
    socket.once("error", (error) => done(systemCode(error) ?? error.message));
  });
}

/** Of several failures the one counts that tells most of the server. */
function closed(shut: readonly Dialled[], { port, deadlineMs }: Patient): Check {
  const ways = shut.filter(({ failure }) => !isNoWay(failure));
  const failure = (ways.find((it) => it.failure === "ECONNREFUSED") ?? ways[0] ?? shut[0])?.failure ?? "";
  const names = namesOf(shut.filter((it) => it.failure === failure));
  if (isNoWay(failure)) {
    const says = `There is no way to ${names} from here.`;
    return unreachable("port", says, "Check this machine's network, or its VPN.");
  }
  switch (failure) {
    case "ECONNREFUSED":
      return unreachable(
        "port",
        `Nothing listens at port ${port} of ${names}: the connection is refused.`,
        `Start the server, or check the port.${/^(127\.|::1)/.test(names) ? "" : " To be reached from here, it needs --host."}`,
      );
    case NOT_IN_TIME:
    case "ETIMEDOUT":
      return unreachable(
        "port",
        `No answer from port ${port} of ${names} within ${inSeconds(deadlineMs)}.`,
        "Check the address, whether that machine is up, and whether a firewall lets the port through.",
      );
    default:
      return unreachable(
        "port",
        `Port ${port} of ${names} cannot be reached: ${failure}.`,
        "Check this machine's network.",
      );
  }
}

function isNoWay(failure: string | null): boolean {
  return NO_WAY.includes(failure);
}

function namesOf(dialled: readonly Dialled[]): string {
  return dialled.map(({ address }) => address).join(" and ");
}
