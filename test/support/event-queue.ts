import type { Socket } from "socket.io-client";

export interface SeenEvent {
  readonly name: string;
  readonly payload: unknown;
}

interface Waiter {
  readonly names: readonly string[];
  readonly take: (event: SeenEvent) => void;
}

/**
 * Everything that happens on a socket, kept until somebody asks: a test that asks late misses nothing.
 * Beside the server's events these are `connect`, `connect_error` (the error) and `disconnect` (its reason).
 */
export class EventQueue {
  readonly #seen: SeenEvent[] = [];
  #untaken: SeenEvent[] = [];
  #waiters: Waiter[] = [];

  /** To be made before the socket connects. */
  constructor(socket: Socket) {
    socket.onAny((name: string, payload: unknown) => this.#add(name, payload));
    socket.on("connect", () => this.#add("connect", undefined));
    socket.on("connect_error", (error) => this.#add("connect_error", error));
    socket.on("disconnect", (reason) => this.#add("disconnect", reason));
  }

  /** The names of all events so far, also of those that were taken, in their order. */
  get names(): readonly string[] {
    return this.#seen.map(({ name }) => name);
  }

  /** Takes the oldest event of this name that nobody has taken, now or when it comes. */
  async next(name: string): Promise<unknown> {
    return (await this.first(name)).payload;
  }

  /** Takes the oldest event of any of these names that nobody has taken, now or when it comes. */
  first(...names: readonly string[]): Promise<SeenEvent> {
    const at = this.#untaken.findIndex(({ name }) => names.includes(name));
    const [found] = at < 0 ? [] : this.#untaken.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((take) => {
      this.#waiters.push({ names, take });
    });
  }

  #add(name: string, payload: unknown): void {
    const event = { name, payload };
    this.#seen.push(event);
    const waiter = this.#waiters.find(({ names }) => names.includes(name));
    if (waiter === undefined) {
      this.#untaken.push(event);
      return;
    }
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    waiter.take(event);
  }
}
