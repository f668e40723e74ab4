import { portNumber, serverUrl } from "../terminal/server-url.ts";
import { didYouMean } from "../terminal/suggest.ts";
import { COMMANDS, isCommand } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { LOCAL } from "./local-commands.ts";
import { type RawOptions, takeOptions } from "./options.ts";
import type { Words } from "./words.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** HOST and PORT as they were typed. */
export function readAddress(host: string, port: string, secure: boolean): Address {
  const number = portNumber(port);
  if (number === undefined) {
    throw new UsageError(`PORT is a number from 1 to 65535, not "${port}": keyroom HOST PORT COMMAND…`);
  }
  const url = serverUrl({ host, port: number, secure });
  if (url === undefined) throw new UsageError(`HOST is a name or an address, not "${host}".`);
  return { host, port: number, url };
}

/**
 * Takes HOST PORT and the options behind them; undefined where neither is given.
 * @throws UsageError, which says so where a command stands in their place
 */
export function takeServer(
  words: Words,
  raw: RawOptions,
): { readonly host: string; readonly port: string } | undefined {
  const [host, port] = [words.take(), words.take()];
  if (host === undefined) return undefined;
  if (port === undefined && raw.has("--help")) return undefined;
  if (isCommand(host) && !isPort(port)) {
    throw new UsageError(`${host} stands behind a server: keyroom HOST PORT ${Object.keys(COMMANDS[host].usage)[0]}.`);
  }
  const meant = isPort(port) ? "" : didYouMean(host, [...Object.keys(LOCAL), ...Object.keys(COMMANDS)]);
  if (port === undefined) {
    throw new UsageError(`"${host}" is taken as HOST, and PORT is missing: keyroom HOST PORT COMMAND…${meant}`);
  }
  if (meant !== "") throw new UsageError(`"${host}" is taken as HOST, and "${port}" is no PORT.${meant}`);
  takeOptions(words, raw);
  return { host, port };
}

/** Whether it can only be a port: a host is not called so. */
export function isPort(word: string | undefined): boolean {
  return word !== undefined && /^[0-9]+$/.test(word);
}
