import type { Socket } from "socket.io";

/**
 * What waits to be taken by a client: bytes in engine.io's queue and in the WebSocket. Neither says it of itself, so the
 * queue is counted as packets are created, and found empty when they are handed to the transport.
 */
export class Backlog {
  readonly #conn: Socket["conn"];
  #queued = 0;
  #moving: Promise<void> | null = null;

  constructor(conn: Socket["conn"]) {
    this.#conn = conn;
    conn.on("packetCreate", ({ data }: { readonly data?: unknown }) => {
      if (typeof data === "string") this.#queued += data.length;
    });
    conn.on("flush", () => {
      this.#queued = 0;
    });
  }

  /** Nothing waits for a client that is gone. */
  get bytes(): number {
    if (this.#conn.readyState !== "open") return 0;
    const socket: unknown = Reflect.get(this.#conn.transport, "socket");
    const sending: unknown = typeof socket === "object" && socket !== null ? Reflect.get(socket, "bufferedAmount") : 0;
    return this.#queued + (typeof sending === "number" ? sending : 0);
  }

  /** Resolves when at most `bytes` wait, or the client is gone. */
  async drained(bytes: number): Promise<void> {
    while (this.bytes > bytes) await this.#moved();
  }

  /** Resolves when something was taken, or nothing will be any more. One pair of listeners serves all who wait. */
  #moved(): Promise<void> {
    this.#moving ??= new Promise((resolve) => {
      const sources = [this.#conn, this.#conn.transport];
      const resume = (): void => {
        for (const source of sources) source.off("drain", resume).off("close", resume);
        this.#moving = null;
        resolve();
      };
      for (const source of sources) source.on("drain", resume).on("close", resume);
    });
    return this.#moving;
  }
}

/** Ends the transport without waiting for what it still holds. */
export function terminate(conn: Socket["conn"]): void {
  const socket: unknown = Reflect.get(conn.transport, "socket");
  const end: unknown = typeof socket === "object" && socket !== null ? Reflect.get(socket, "terminate") : undefined;
  if (typeof end === "function") end.call(socket);
  conn.close(true);
}
