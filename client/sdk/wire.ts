/** What the SDK needs of a transport. There is one, Socket.IO; simulations bring another. */
import type { Auth } from "../../protocol/handshake.ts";

export interface WireListener {
  /** The handshake's `auth` for the connection that is being made. */
  auth(): Auth;
  /** The server says something unasked. */
  push(name: string, payload: unknown): void;
  /**
   * No connection came about: unreachable, or refused, where the error has the server's `data`.
   * @param isTrying whether the wire tries again by itself
   */
  failed(error: Error & { readonly data?: unknown }, isTrying: boolean): void;
  /** The connection is gone; what was sent and not answered will not be answered. */
  lost(reason: string, isTrying: boolean): void;
  /** The server's heartbeat came. */
  heard(): void;
}

export interface Wire {
  /** Ms after a heartbeat, or a new connection, within which the next has to come; known once there is a connection. */
  readonly patienceMs: number;
  /** Connects; from then on the wire restores lost connections by itself. */
  connect(): void;
  /** Does not try by itself until `connect`. */
  rest(): void;
  /** To be called while there is a connection only. */
  send(name: string, payload: unknown, answered: (answer: unknown) => void): void;
  /** Gives the connection up as lost, at once, and restores it. */
  drop(): void;
  close(): void;
  /** Ms to wait after so many refusals in a row, with jitter. */
  backoffMs(refusals: number): number;
}

export type OpenWire = (listener: WireListener) => Wire;
