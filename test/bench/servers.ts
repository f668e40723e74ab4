import * as v from "valibot";
import { Child } from "./child.ts";

const Hello = v.object({ url: v.string() });
const Cpu = v.object({ cpuMicros: v.number() });

/** A server in a process of its own, whose CPU time can be read. */
export class MeasuredServer {
  readonly #child: Child;
  readonly url: string;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(kind: "keyroom" | "bare"): Promise<MeasuredServer> {
    const child = new Child("server-process", kind);
    return new MeasuredServer(child, (await child.next(Hello)).url);
  }

  /** CPU time so far, user and system, in µs. */
  async cpuMicros(): Promise<number> {
    return (await this.#child.ask("cpu", Cpu)).cpuMicros;
  }

  stop(): void {
    this.#child.stop();
  }
}

/** What is compared. */
export class Servers {
  readonly keyroom: MeasuredServer;
  readonly bare: MeasuredServer;

  private constructor(keyroom: MeasuredServer, bare: MeasuredServer) {
    this.keyroom = keyroom;
    this.bare = bare;
  }

  static async start(): Promise<Servers> {
    return new Servers(await MeasuredServer.start("keyroom"), await MeasuredServer.start("bare"));
  }

  stop(): void {
    this.keyroom.stop();
    this.bare.stop();
  }
}
