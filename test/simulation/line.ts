import type { Clock } from "../../server/domain/clock.ts";

/** Ms that the next message travels. */
export type Delay = () => number;

/** Null ends the direction. */
type Message = string | null;

/**
 * One direction of a line: whatever is sent arrives in order, after a delay. It can stall, so that what is sent waits at
 * the sender, and go dead, so that everything on its way and to come vanishes without a word.
 */
class Pipe {
  readonly #clock: Clock;
  readonly #delay: Delay;
  readonly #arrive: (message: Message) => void;
  #lastDue = 0;
  #state: "flowing" | "stalled" | "dead" = "flowing";
  #waiting: Message[] = [];
  #drained: (() => void)[] = [];

  constructor(clock: Clock, delay: Delay, arrive: (message: Message) => void) {
    this.#clock = clock;
    this.#delay = delay;
    this.#arrive = arrive;
  }

  /** Messages that wait at the sender. */
  get waiting(): number {
    return this.#waiting.length;
  }

  send(message: Message): void {
    if (this.#state === "stalled") this.#waiting.push(message);
    else this.#transmit(message);
  }

  stall(): void {
    if (this.#state === "flowing") this.#state = "stalled";
  }

  flow(): void {
    if (this.#state !== "stalled") return;
    this.#state = "flowing";
    const waiting = this.#waiting.splice(0);
    for (const message of waiting) this.#transmit(message);
    this.wake();
  }

  die(): void {
    this.#state = "dead";
    this.discard();
  }

  /** Drops what waits at the sender. */
  discard(): void {
    this.#waiting = [];
    this.wake();
  }

  /** Resolves when what waits has become less. */
  moved(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #transmit(message: Message): void {
    const now = this.#clock.monotonic();
    this.#lastDue = Math.max(this.#lastDue, now + this.#delay());
    this.#clock.after(this.#lastDue - now, () => {
      if (this.#state !== "dead") this.#arrive(message);
    });
  }

  /** Whoever waits looks again. */
  wake(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

/** What a process holds of a line. */
export class End {
  /** What goes out of here. */
  readonly #out: Pipe;
  #isOpen = true;
  onMessage: (text: string) => void = () => undefined;
  /** The other side, or the line, is gone. Not called behind `close`. */
  onEnd: (reason: string) => void = () => undefined;

  constructor(out: Pipe) {
    this.#out = out;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Messages that the other side has not taken. */
  get waiting(): number {
    return this.#isOpen ? this.#out.waiting : 0;
  }

  send(text: string): void {
    if (this.#isOpen) this.#out.send(text);
  }

  /** The other side hears of it behind what was sent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#out.send(null);
    this.#out.wake();
  }

  /** As `close`, but what waits is dropped. */
  abort(): void {
    if (this.#isOpen) this.#out.discard();
    this.close();
  }

  /** Resolves when at most so many messages wait, or the line is gone. */
  async drained(most: number): Promise<void> {
    while (this.waiting > most) await this.#out.moved();
  }

  hear(message: Message): void {
    if (message === null) this.fail("transport close");
    else if (this.#isOpen) this.onMessage(message);
  }

  fail(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#out.wake();
    this.onEnd(reason);
  }
}

/** A transport connection between a client and the server. */
export class Line {
  readonly client: End;
  readonly server: End;
  readonly #clock: Clock;
  readonly #up: Pipe;
  readonly #down: Pipe;
  #troubles = 0;

  constructor(clock: Clock, delay: Delay) {
    this.#clock = clock;
    this.#up = new Pipe(clock, delay, (message) => this.server.hear(message));
    this.#down = new Pipe(clock, delay, (message) => this.client.hear(message));
    this.client = new End(this.#up);
    this.server = new End(this.#down);
  }

  get isOpen(): boolean {
    return this.client.isOpen || this.server.isOpen;
  }

  /** How often it has stalled or gone dead. */
  get troubles(): number {
    return this.#troubles;
  }

  /** The client reads, or the server is reached, no more for now. */
  stall(direction: "up" | "down"): void {
    this.#troubles++;
    (direction === "up" ? this.#up : this.#down).stall();
  }

  flow(): void {
    this.#up.flow();
    this.#down.flow();
  }

  /** One direction is silently dead: nobody is told. */
  die(direction: "up" | "down"): void {
    this.#troubles++;
    (direction === "up" ? this.#up : this.#down).die();
  }

  /** What is on its way is lost; each side learns it after so many ms. */
  cut(clientMs: number, serverMs: number): void {
    this.#up.die();
    this.#endBoth(clientMs, serverMs);
  }

  /** The client is cut off, but what it has sent arrives yet: late, as if something between had kept it. */
  orphan(clientMs: number, lateMs: number, serverMs: number): void {
    this.#up.stall();
    this.#clock.after(lateMs, () => this.#up.flow());
    this.#endBoth(clientMs, serverMs);
  }

  #endBoth(clientMs: number, serverMs: number): void {
    this.#down.die();
    this.#clock.after(clientMs, () => this.client.fail("transport close"));
    this.#clock.after(serverMs, () => this.server.fail("transport close"));
  }
}
