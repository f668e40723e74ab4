import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The way from the client to the server, and the way back; also the end from which it comes. */
export type Direction = "requests" | "answers";

interface Line {
  readonly requests: Socket;
  readonly answers: Socket;
  /** Whether the end of one side is kept from the other. */
  abandoned: boolean;
}

/** Where nobody ever listens: a port that was free a moment ago may be another test's by now. */
export const NOWHERE = "http://127.0.0.1:1";

/** A TCP proxy between a client and a server, with the troubles of a real network at a test's command. */
export class FaultProxy {
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
  readonly #lines = new Set<Line>();
  readonly #held = new Set<Direction>();
  #target: number;
  #delayMs = () => 0;

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

  /** Each piece arrives so many ms late, in its order; asked anew for each. */
  delay(ms: () => number): void {
    this.#delayMs = ms;
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

  /**
   * Leaves all lines half open: the end from which the `direction` comes is cut off, the other one is not told and
   * waits in vain. New connections are carried as usual. The lines last until `cut`, or until the other end gives up.
   */
  abandon(direction: Direction): void {
    for (const line of this.#lines) {
      line.abandoned = true;
      line[direction].destroy();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #join(client: Socket): void {
    const server = dial(this.#target, "127.0.0.1");
    const line: Line = { requests: client, answers: server, abandoned: false };
    this.#lines.add(line);
    this.#carry(client, server, line);
    this.#carry(server, client, line);
    for (const direction of this.#held) line[direction].pause();
  }

  #carry(from: Socket, to: Socket, line: Line): void {
    const inTurn = queue();
    from.on("data", (bytes) => inTurn(this.#delayMs(), () => to.write(bytes)));
    from.on("end", () => inTurn(0, () => line.abandoned || to.end()));
    from.on("error", () => undefined);
    from.on("close", () => {
      if (line.abandoned && !to.destroyed) return;
      this.#lines.delete(line);
      inTurn(0, () => to.destroy());
    });
  }
}

/** Runs what it is given after so many ms, but never before what it was given earlier; at once where nothing waits. */
function queue(): (ms: number, run: () => void) => void {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (ms, run) => {
    if (ms <= 0 && waiting === 0) {
      run();
      return;
    }
    waiting++;
    last = Promise.all([last, sleep(Math.max(0, ms))]).then(() => {
      waiting--;
      run();
    });
  };
}
