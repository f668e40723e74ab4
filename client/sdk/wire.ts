/** What the SDK needs of a transport. There is one, Socket.IO; simulations bring another. */
import type { Auth } from "../../protocol/handshake.ts";

export interface WireListener {
  /** The handshake's `auth` for the connection that is being made. */
  auth(): Auth;
  /** The server says something unasked. */
  push(name: string, payload: unknown): void;
  /**
   * No connection came about.
   * @param isRefusal whether a server was there and did not want it: then the error has the server's `data`
   */
  failed(error: Error & { readonly data?: unknown }, isRefusal: boolean): void;
  /** The connection is gone; what was sent and not answered will not be answered. */
  lost(reason: string): void;
  /** The server's heartbeat came. */
  heard(): void;
}

export interface Wire {
  /** Ms after a heartbeat, or a new connection, within which the next has to come; known once there is a connection. */
  readonly patienceMs: number;
  /** Tries to connect, unless it does so already. A connection that was there and is lost is tried for again and again. */
  connect(): void;
  /** How long it shall wait before its next try, said as soon as a connection is lost or does not come about. */
  waitFor(ms: number): void;
  /** To be called while there is a connection only. */
  send(name: string, payload: unknown, answered: (answer: unknown) => void): void;
  /** Gives the connection up as lost, at once. */
  drop(): void;
  close(): void;
  /** Ms to wait after so many failed attempts in a row, with jitter. */
  backoffMs(attempts: number): number;
}

export type OpenWire = (listener: WireListener) => Wire;
