import type { RoomLimits } from "../protocol/limits.ts";
import type { Log } from "./domain/log.ts";
import { isLoopback } from "./transport/origin.ts";

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

export type Config = Required<Omit<ServerOptions, "accountsFile" | "managerPassphrase" | "tls">> &
  Pick<ServerOptions, "accountsFile" | "managerPassphrase" | "tls">;

/** The options cannot be served as they are; the message says why and what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** @throws ConfigError for a combination that would be unsafe */
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
    limits: {},
    log: SILENT,
    ...options,
  };
  if (isLoopback(config.host)) return config;
  if (config.tls === undefined && !config.insecure) {
    throw new ConfigError(
      `${config.host} can be reached from other machines, and passwords would travel in clear. ` +
        "Give --tls-cert and --tls-key, or say --insecure if the network is yours alone.",
    );
  }
  if (config.upgrade === "open" && config.accounts !== "name") {
    throw new ConfigError(
      `With --upgrade open whoever reaches ${config.host} could read every room. ` +
        "Use a passphrase, or --accounts name for teaching.",
    );
  }
  return config;
}
