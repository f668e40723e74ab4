import type { RoomLimits } from "../protocol/limits.ts";
import { DOOR_NAMES, type DoorName } from "./dialects/ports.ts";
import type { Log } from "./domain/log.ts";
import { isLoopback } from "./transport/origin.ts";

export { DOOR_NAMES, type DoorName, flagOf, USUAL_PORTS } from "./dialects/ports.ts";

/** How to start a server. Everything has a default. */
export interface ServerOptions {
  /**
   * The address to listen on.
   * @default "127.0.0.1"
   */
  readonly host?: string;
  /**
   * The port to listen on; 0 picks a free one.
   * @default 3000
   */
  readonly port?: number;
  /**
   * `password`: the first sign-in with a name makes its account. `name`: a user is whoever holds the name.
   * @default "password"
   */
  readonly accounts?: "password" | "name";
  /**
   * A file that keeps accounts, roles and hashes of tokens, but no keys, across restarts.
   * @default none: a restart forgets them
   */
  readonly accountsFile?: string;
  /**
   * Whether a client without a user name gets a guest account of its own (with `accounts: "password"`).
   * @default true
   */
  readonly anonymous?: boolean;
  /**
   * How a guest becomes a manager: by the passphrase, by asking, or not by himself.
   * @default "passphrase"
   */
  readonly upgrade?: "passphrase" | "open" | "off";
  /**
   * With `upgrade: "passphrase"`.
   * @default one is generated; the running server's `managerPassphrase` tells it
   */
  readonly managerPassphrase?: string;
  /**
   * Certificate and key in PEM; without them a host that is not loopback is refused, unless `insecure`.
   * @default none
   */
  readonly tls?: { readonly cert: string; readonly key: string };
  /**
   * Allows a host that is not loopback without TLS: passwords and values travel in clear.
   * @default false
   */
  readonly insecure?: boolean;
  /**
   * Origins of web pages that may connect beside the server's own, like `https://app.example`.
   * @default []
   */
  readonly origins?: readonly string[];
  /**
   * Takes the client's address from the last entry of X-Forwarded-For. Only behind a proxy that sets it.
   * @default false
   */
  readonly trustProxy?: boolean;
  /**
   * The port of each older door that is to open, 0 for a free one. They know no passwords and no TLS.
   * @default {}
   */
  readonly doors?: Readonly<Partial<Record<DoorName, number>>>;
  /**
   * Where the files door puts what is uploaded.
   * @default a fresh temporary folder
   */
  readonly filesDir?: string;
  /**
   * Ms for which a session outlives its connection.
   * @default 60_000
   */
  readonly graceMs?: number;
  /**
   * Sizes that this server allows, where they differ from the usual ones.
   * @default DEFAULT_LIMITS of the protocol
   */
  readonly limits?: Partial<RoomLimits>;
  /**
   * Where the server reports role changes and faults.
   * @default nowhere
   */
  readonly log?: Log;
}

type WithoutDefault = "accountsFile" | "filesDir" | "managerPassphrase" | "tls";

export type Config = Required<Omit<ServerOptions, WithoutDefault>> & Pick<ServerOptions, WithoutDefault>;

/** The options cannot be served as they are; the message says why and what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const SILENT: Log = { info: () => undefined, error: () => undefined };

const MAX_PORT = 65_535;

/** The longest time that a timer of Node can count. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws ConfigError for a number that is none, or a combination that would be unsafe */
export function completeConfig(options: ServerOptions): Config {
  const config: Config = {
    host: "127.0.0.1",
    port: 3000,
    accounts: "password",
    anonymous: true,
    upgrade: "passphrase",
    insecure: false,
    origins: [],
    trustProxy: false,
    graceMs: 60_000,
    log: SILENT,
    ...withoutUndefined(options),
    doors: withoutUndefined(options.doors ?? {}),
    limits: withoutUndefined(options.limits ?? {}),
  };
  checkNumbers(config);
  // Behind a proxy, loopback is only where the proxy comes in.
  const isPublic = !isLoopback(config.host) || config.trustProxy;
  if (isPublic && config.upgrade === "open" && config.accounts !== "name") {
    throw new ConfigError(
      `With --upgrade open whoever reaches ${config.trustProxy ? "the proxy" : config.host} could read every room. ` +
        "Use a passphrase, or --accounts name for teaching.",
    );
  }
  if (!isLoopback(config.host) && config.tls === undefined && !config.insecure) {
    throw new ConfigError(
      `${config.host} can be reached from other machines, and passwords would travel in clear. ` +
        "Give --tls-cert and --tls-key, or say --insecure if the network is yours alone.",
    );
  }
  if (!isLoopback(config.host) && Object.keys(config.doors).length > 0 && !config.insecure) {
    throw new ConfigError(
      `${config.host} can be reached from other machines, and the older doors know neither TLS nor passwords. ` +
        "Leave them out, or say --insecure if the network is yours alone.",
    );
  }
  return config;
}

/** Callers in JavaScript write `{ port: undefined }` where they mean the default. */
function withoutUndefined<T extends object>(options: T): Partial<T> {
  const given = { ...options };
  for (const name in given) if (given[name] === undefined) delete given[name];
  return given;
}

function checkNumbers({ port, doors, graceMs, limits }: Config): void {
  check("port", port, 0, MAX_PORT);
  for (const name of DOOR_NAMES) check(`doors.${name}`, doors[name] ?? 0, 0, MAX_PORT);
  check("graceMs", graceMs, 0, MAX_TIMER_MS);
  for (const [name, value] of Object.entries(limits)) check(`limits.${name}`, value, 1, Number.MAX_SAFE_INTEGER);
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ConfigError(`${name} is ${String(value)}. It is a whole number from ${least} to ${most}.`);
}
