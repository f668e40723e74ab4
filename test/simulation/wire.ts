import type { OpenWire, Wire, WireListener } from "../../client/sdk/wire.ts";
import type { Clock } from "../../server/domain/clock.ts";
import type { Random } from "../support/random.ts";
import { type FromClient, type FromServer, HEARTBEAT } from "./frames.ts";
import type { End } from "./line.ts";

/** Makes a line to the server, or tells why there is none. Each call ends in one of the two, once. */
export type Dial = (made: (end: End) => void, failed: (error: Error) => void) => void;

export interface WireParts {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: Random;
  /** The client ends a line because it was silent. */
  readonly onSilence: () => void;
}

export function simulatedWire(parts: WireParts): OpenWire {
  return (listener) => new SimulatedWire(listener, parts);
}

/** As the wire of a Socket.IO client. */
class SimulatedWire implements Wire {
  readonly patienceMs = HEARTBEAT.intervalMs + HEARTBEAT.timeoutMs / 2;
  readonly #listener: WireListener;
  readonly #parts: WireParts;
  #state: "idle" | "dialling" | "open" = "idle";
  #end: End | null = null;
  #isClosed = false;
  #requests = 0;
  readonly #unanswered = new Map<number, (answer: unknown) => void>();
  #cancelSilence: () => void = () => undefined;

  constructor(listener: WireListener, parts: WireParts) {
    this.#listener = listener;
    this.#parts = parts;
  }

  connect(): void {
    if (this.#state === "idle" && !this.#isClosed) this.#dial();
  }

  /** It is told to connect then. */
  waitFor(): void {}

  send(name: string, payload: unknown, answered: (answer: unknown) => void): void {
    const id = ++this.#requests;
    this.#unanswered.set(id, answered);
    this.#tell({ kind: "request", id, name, payload });
  }

  drop(): void {
    this.#end?.close();
    this.#lost("forced close");
  }

  close(): void {
    this.#isClosed = true;
    this.#end?.close();
    if (this.#end !== null) this.#lost("io client disconnect");
  }

  backoffMs(attempts: number): number {
    return Math.floor(Math.min(5_000, 1_000 * 2 ** attempts) * (0.5 + this.#parts.random.next()));
  }

  #dial(): void {
    this.#state = "dialling";
    this.#parts.dial(
      (end) => this.#made(end),
      (error) => {
        this.#state = "idle";
        if (!this.#isClosed) this.#listener.failed(error, false);
      },
    );
  }

  #made(end: End): void {
    if (this.#isClosed) {
      end.close();
      return;
    }
    this.#state = "open";
    this.#end = end;
    end.onMessage = (text) => this.#hear(JSON.parse(text) as FromServer);
    end.onEnd = (reason) => this.#lost(reason);
    this.#expectPing();
    this.#tell({ kind: "connect", auth: this.#listener.auth() });
  }

  #hear(frame: FromServer): void {
    switch (frame.kind) {
      case "connected":
        return;
      case "refused":
        this.#refused(frame);
        return;
      case "answer":
        this.#unanswered.get(frame.id)?.(frame.answer);
        this.#unanswered.delete(frame.id);
        return;
      case "push":
        this.#listener.push(frame.name, frame.payload);
        return;
      case "ping":
        this.#expectPing();
        this.#listener.heard();
        this.#tell({ kind: "pong" });
        return;
    }
  }

  #refused({ error }: Extract<FromServer, { kind: "refused" }>): void {
    this.#end?.close();
    this.#forget();
    this.#listener.failed(Object.assign(new Error(error.message), { data: error }), true);
  }

  #lost(reason: string): void {
    if (this.#end === null) return;
    this.#forget();
    this.#listener.lost(reason);
    // Cleared behind that word, as Socket.IO does.
    this.#unanswered.clear();
  }

  #forget(): void {
    this.#end = null;
    this.#state = "idle";
    this.#cancelSilence();
  }

  #expectPing(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#parts.clock.after(HEARTBEAT.intervalMs + HEARTBEAT.timeoutMs, () => {
      this.#parts.onSilence();
      this.#end?.close();
      this.#lost("ping timeout");
    });
  }

  #tell(frame: FromClient): void {
    this.#end?.send(JSON.stringify(frame));
  }
}
