import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** The way from the client to the server, and the way back. */
export type Direction = "requests" | "answers";

interface Line {
  readonly requests: Socket;
  readonly answers: Socket;
}

/** A TCP proxy between a client and a server, with the troubles of a real network at a test's command. */
export class FaultProxy {
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
  readonly #lines = new Set<Line>();
  readonly #held = new Set<Direction>();
  #target: number;

  private constructor(target: string) {
    this.#target = Number(new URL(target).port);
  }

  /** @param target a server's URL */
  static async open(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** New connections go to another server. */
  leadTo(target: string): void {
    this.#target = Number(new URL(target).port);
  }

  /** What goes this way is kept back until `resume`; what is kept back when the line is cut is lost. */
  hold(direction: Direction): void {
    this.#held.add(direction);
    for (const line of this.#lines) line[direction].pause();
  }

  resume(): void {
    this.#held.clear();
    for (const { requests, answers } of this.#lines) {
      requests.resume();
      answers.resume();
    }
  }

  /** Cuts all lines without a word to either end, and lets go of what is held. */
  cut(): void {
    for (const { requests, answers } of this.#lines) {
      requests.destroy();
      answers.destroy();
    }
    this.#held.clear();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #join(client: Socket): void {
    const server = dial(this.#target, "127.0.0.1");
    const line: Line = { requests: client, answers: server };
    this.#lines.add(line);
    this.#carry(client, server, line);
    this.#carry(server, client, line);
    for (const direction of this.#held) line[direction].pause();
  }

  #carry(from: Socket, to: Socket, line: Line): void {
    from.on("data", (bytes) => to.write(bytes));
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#lines.delete(line);
      to.destroy();
    });
  }
}
