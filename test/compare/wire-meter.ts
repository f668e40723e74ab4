import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";
import { pause } from "../bench/measure.ts";

export interface Traffic {
  /** Bytes that this process has sent and received in TCP streams, without the headers of TCP and IP. */
  readonly sent: number;
  readonly received: number;
  /** TCP connections that it has opened. */
  readonly connections: number;
}

/** What Node tells of each socket that is about to connect. */
const CHANNEL = "net.client.socket";
const CALM_MS = 3_000;
const LOOK_MS = 10;

/**
 * Counts what all TCP connections that this process opens carry, whoever opens them: Node announces each, and counts its
 * bytes, so that nothing stands between client and server.
 */
export class WireMeter {
  readonly #open = new Set<Socket>();
  readonly #ports = new Map<number, Set<number>>();
  #ended = { sent: 0, received: 0 };
  #connections = 0;
  readonly #count = (message: unknown): void => {
    if (typeof message === "object" && message !== null && "socket" in message && message.socket instanceof Socket) {
      this.#add(message.socket);
    }
  };

  constructor() {
    subscribe(CHANNEL, this.#count);
  }

  read(): Traffic {
    let { sent, received } = this.#ended;
    for (const socket of this.#open) {
      sent += socket.bytesWritten;
      received += socket.bytesRead;
    }
    return { sent, received, connections: this.#connections };
  }

  /** Resolves when all connections are closed, or after some seconds. */
  async calm(): Promise<void> {
    for (let waited = 0; this.#open.size > 0 && waited < CALM_MS; waited += LOOK_MS) await pause(LOOK_MS);
  }

  /** The local ports of the connections to a port. */
  portsTo(port: number): ReadonlySet<number> {
    return this.#ports.get(port) ?? new Set();
  }

  close(): void {
    unsubscribe(CHANNEL, this.#count);
  }

  #add(socket: Socket): void {
    this.#connections++;
    this.#open.add(socket);
    socket.once("connect", () => {
      const { remotePort, localPort } = socket;
      if (remotePort === undefined || localPort === undefined) return;
      const ports = this.#ports.get(remotePort) ?? new Set();
      this.#ports.set(remotePort, ports.add(localPort));
    });
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#ended.sent += socket.bytesWritten;
      this.#ended.received += socket.bytesRead;
    });
  }
}

export function since(before: Traffic, now: Traffic): Traffic {
  return {
    sent: now.sent - before.sent,
    received: now.received - before.received,
    connections: now.connections - before.connections,
  };
}
