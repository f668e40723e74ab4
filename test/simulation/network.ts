import type { Clock } from "../../server/domain/clock.ts";
import type { Random } from "../support/random.ts";
import { type Delay, type End, Line } from "./line.ts";
import type { Dial } from "./wire.ts";

/** Whoever takes the lines that clients make. */
export interface Listening {
  accept(end: End, address: string): void;
}

/** No message takes longer than this, unless its line is stalled. */
export const LONGEST_DELAY_MS = 120;

/** All lines, and what can go wrong with them. */
export class Network {
  /** Null while nothing listens. */
  host: Listening | null = null;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lines = new Map<Line, string>();
  /** Clients that reach nobody for now. */
  readonly #cutOff = new Set<string>();
  #isHealed = false;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  dialFor(address: string): Dial {
    return (made, failed) => {
      if (this.#cutOff.has(address)) {
        this.#clock.after(2_000, () => failed(new Error("timeout")));
        return;
      }
      this.#clock.after(this.delay(), () => {
        const { host } = this;
        if (host === null) {
          failed(new Error("ECONNREFUSED"));
          return;
        }
        const line = this.#line(address);
        if (this.#random.int(15) === 0) this.#keepBack(line);
        host.accept(line.server, address);
        made(line.client);
      });
    };
  }

  /** Mostly short, at times long, so that connections overtake each other. */
  readonly delay = (): number => {
    const random = this.#random;
    return random.int(10) === 0 ? random.int(LONGEST_DELAY_MS) : random.int(8);
  };

  /** A client's newest line. */
  lineOf(address: string): Line | undefined {
    return this.#linesOf(address).at(-1);
  }

  /** Whether an earlier start of the client still tries to connect: then nobody knows which line is whose. */
  hasSeveral(address: string): boolean {
    return this.#linesOf(address).length > 1;
  }

  cutOff(address: string): void {
    if (this.#isHealed) return;
    this.#cutOff.add(address);
    this.lineOf(address)?.cut(this.#random.int(50), this.#random.int(4_000));
  }

  reachAgain(address: string): void {
    this.#cutOff.delete(address);
  }

  /** The server's process is gone. */
  cutAll(): void {
    for (const line of this.#lines.keys()) line.cut(this.#random.int(20), 0);
    this.#lines.clear();
  }

  /** Nothing goes wrong from now on, beyond what has gone wrong already. */
  heal(): void {
    this.#isHealed = true;
    this.#cutOff.clear();
    for (const line of this.#lines.keys()) line.flow();
  }

  /** What the client says first arrives late: perhaps behind that of its next attempt. */
  #keepBack(line: Line): void {
    const random = this.#random;
    line.stall("up");
    this.#clock.after(random.int(2_000), () => {
      if (random.int(2) === 0) line.flow();
      else line.orphan(0, random.int(4_000), 4_000);
    });
  }

  #linesOf(address: string): readonly Line[] {
    const own = [...this.#lines].filter(([line, owner]) => owner === address && line.client.isOpen);
    return own.map(([line]) => line);
  }

  #line(address: string): Line {
    for (const line of this.#lines.keys()) if (!line.isOpen) this.#lines.delete(line);
    const pace: Delay = this.delay;
    const line = new Line(this.#clock, pace);
    this.#lines.set(line, address);
    return line;
  }
}
