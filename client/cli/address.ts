import { portNumber, serverUrl } from "../terminal/server-url.ts";
import { UsageError } from "./errors.ts";

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
