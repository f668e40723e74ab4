/** A watch of a plain socket.io-client: its rooms, folded, and the order of its words. */

import type { Input } from "../../protocol/inputs.ts";
import { type Output, parseOutput } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { PlainClient } from "./plain-client.ts";
import { Mirror } from "./watch-mirror.ts";

export class PlainWatch {
  readonly mirrors = new Map<string, Mirror>();
  /** What came, in order: `answer`, `start ROOM`, `changes ROOM`, `end ROOM REASON`. */
  readonly words: string[] = [];
  /** All pushes of changes. */
  readonly pushes: Push<"changes">[] = [];
  id = "";
  #wake: () => void = () => undefined;

  /** Resolves with the answer; rejects where the watch is refused. */
  static open(client: PlainClient, input: Input<"watch"> = {}): Promise<[PlainWatch, Output<"watch">]> {
    return new PlainWatch().#ask(client, input);
  }

  /** The only room, where there is one. */
  get mirror(): Mirror {
    const [mirror] = this.mirrors.values();
    if (mirror === undefined || this.mirrors.size > 1) throw new Error(`There are ${this.mirrors.size} rooms.`);
    return mirror;
  }

  /** Resolves when this holds, now or after some push. */
  async until(holds: (watch: PlainWatch) => boolean): Promise<void> {
    while (!holds(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the room is at this revision. */
  reached(revision: number, room?: string): Promise<void> {
    return this.until(() => {
      const mirror = room === undefined ? this.mirror : this.mirrors.get(room);
      return (mirror?.position?.revision ?? -1) >= revision;
    });
  }

  /** In the callback, as every client must: the first pushes may come before a promise of the answer resolves. */
  #ask(client: PlainClient, input: Input<"watch">): Promise<[PlainWatch, Output<"watch">]> {
    const { socket } = client;
    socket.on("start", (push: Push<"start">) => this.#take("start", push, () => this.#mirror(push.room).start(push)));
    socket.on("changes", (push: Push<"changes">) =>
      this.#take("changes", push, () => {
        this.pushes.push(push);
        this.#mirror(push.room).changes(push);
      }),
    );
    socket.on("end", (push: Push<"end">) =>
      this.#take("end", push, () => {
        this.#mirror(push.room).ended = true;
      }),
    );
    return new Promise((resolve, reject) => {
      socket.emit("watch", input, (raw: { ok: boolean; value?: unknown; error?: unknown }) => {
        if (!raw.ok) {
          reject(raw.error);
          return;
        }
        const answer = parseOutput("watch", raw.value);
        this.id = answer.watch;
        this.words.push("answer");
        if (answer.position !== undefined) {
          const from = input.from !== undefined && "epoch" in input.from ? input.from : null;
          const mirror = new Mirror(answer.snapshot === undefined ? (from as Mirror["position"]) : null);
          // A watch without a name is of the caller's own room.
          this.mirrors.set(input.room ?? "", mirror);
          mirror.start(answer);
        }
        resolve([this, answer]);
      });
    });
  }

  #take(name: string, push: Push<"start"> | Push<"changes"> | Push<"end">, apply: () => void): void {
    if (this.id !== "" && push.watch !== this.id) return;
    this.words.push(`${name} ${push.room}${"reason" in push ? ` ${push.reason}` : ""}`);
    if (this.id === "") throw new Error("A push before the answer.");
    apply();
    this.#wake();
  }

  #mirror(room: string): Mirror {
    const own = this.mirrors.get("");
    if (own !== undefined) return own;
    const known = this.mirrors.get(room);
    if (known !== undefined && !known.ended) return known;
    const mirror = new Mirror();
    this.mirrors.set(room, mirror);
    return mirror;
  }
}
