import type { Server, Socket } from "socket.io";
import type { ClientEvents, ServerEvents } from "../../protocol/events.ts";
import type { Push, PushName } from "../../protocol/pushes.ts";
import { SERIES_SINCE } from "../../protocol/series.ts";
import type { Clock } from "../domain/clock.ts";
import { BACKLOG_BYTES } from "../domain/watching.ts";
import { Backlog, terminate } from "./backlog.ts";
import type { Welcome } from "./door.ts";
import { Owed } from "./owed.ts";
import type { Peer } from "./peer.ts";

export interface SocketData {
  /** Set by the handshake, before the connection is made. */
  welcome: Welcome;
  peer: SocketPeer;
}

export type KeyroomServer = Server<ClientEvents, ServerEvents, Record<never, never>, SocketData>;
export type KeyroomSocket = Socket<ClientEvents, ServerEvents, Record<never, never>, SocketData>;

/** A client that does not take the last frames within this time loses them. */
export const CLOSE_MS = 2_000;

/** Answers to a client that has more than this waiting are held back, unencoded, until it has taken some. */
const ANSWERS_BYTES = 4 * 1024 * 1024;

/** One Socket.IO connection of a session. */
export class SocketPeer implements Peer {
  readonly session: Welcome["session"];
  readonly address: string;
  readonly takesSeries: boolean;
  readonly #socket: KeyroomSocket;
  readonly #clock: Clock;
  readonly owed = new Owed((bye) => this.close(bye));
  unanswered = 0;
  readonly #backlog: Backlog;
  #open = true;
  /** When the last of those that wait for the client may push. */
  #drained = Promise.resolve();

  constructor(socket: KeyroomSocket, welcome: Welcome, clock: Clock) {
    this.#socket = socket;
    this.session = welcome.session;
    this.address = welcome.address;
    this.takesSeries = welcome.protocol >= SERIES_SINCE;
    this.#clock = clock;
    this.#backlog = new Backlog(socket.conn);
  }

  get open(): boolean {
    return this.#open;
  }

  get congested(): boolean {
    return this.#backlog.bytes > ANSWERS_BYTES;
  }

  relieved(): Promise<void> {
    return this.#backlog.drained(ANSWERS_BYTES);
  }

  get user(): string {
    return this.session.account.name;
  }

  join(channel: string): void {
    if (this.#open) void this.#socket.join(channel);
  }

  leave(channel: string): void {
    void this.#socket.leave(channel);
  }

  backlog(): number {
    return this.#backlog.bytes;
  }

  drained(): Promise<void> {
    this.#drained = this.#drained.then(() => this.#backlog.drained(BACKLOG_BYTES / 8));
    return this.#drained;
  }

  push<N extends PushName>(name: N, payload: Push<N>): void {
    if (!this.#open) return;
    // The event map is derived from the same contract; TypeScript cannot see it through the generic name.
    (this.#socket.emit as (name: N, payload: Push<N>) => boolean).call(this.#socket, name, payload);
  }

  /**
   * Closes the transport and not the Socket.IO socket: after a `disconnect` packet the client's Manager would never
   * try again, not even where it should.
   */
  close(bye: Push<"bye">): void {
    if (!this.#open) return;
    this.push("bye", bye);
    this.#open = false;
    // Nothing that is watched comes behind the goodbye.
    for (const channel of this.#socket.rooms) this.leave(channel);
    const { conn } = this.#socket;
    // Polling waits so long for the poll that takes the last frames, 30 s by itself, and is not to be hurried then.
    Object.assign(conn.transport, { closeTimeout: CLOSE_MS });
    conn.close();
    const cancel = this.#clock.after(CLOSE_MS, () => conn.close(true));
    this.#socket.once("disconnect", cancel);
  }

  dismiss(bye: Push<"bye">): void {
    if (this.backlog() > 0) this.abort();
    else this.close(bye);
  }

  /** Closes at once and drops what the client has not taken yet: it must not receive it any more. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    terminate(this.#socket.conn);
  }
}
