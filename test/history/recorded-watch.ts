import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { SavedPosition, Watch, WatchListeners, WatchState } from "../../client/sdk/types.ts";
import type { Recorder } from "./recorder.ts";

/** A watch whose events are recorded as its program gets them: by a listener, or taken by whoever iterates. */
export class RecordedWatch implements AsyncIterable<WatchEvent> {
  /** As in the history. */
  readonly number: number;
  readonly #watch: Watch;
  readonly #recorder: Recorder;
  #listeners = 0;
  #unlisten: () => void = () => undefined;

  constructor(number: number, watch: Watch, recorder: Recorder) {
    this.number = number;
    this.#watch = watch;
    this.#recorder = recorder;
    watch.on("state", (state, why) => {
      recorder.record({ kind: "state", watch: number, state, why });
      if (state === "closed") recorder.over(number);
    });
  }

  get state(): WatchState {
    return this.#watch.state;
  }

  get position(): SavedPosition | null {
    return this.#watch.position;
  }

  close(): void {
    this.#watch.close();
  }

  /** As the watch's own `on`: while nobody listens to events, they wait for whoever iterates. */
  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void {
    if (event !== "event") return this.#watch.on(event, listener);
    if (this.#listeners++ === 0) this.#unlisten = this.#watch.on("event", (told) => this.#told(told, "listener"));
    const stop = this.#watch.on(event, listener);
    let listens = true;
    return () => {
      stop();
      if (listens && --this.#listeners === 0) this.#unlisten();
      listens = false;
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    try {
      for await (const event of this.#watch) {
        this.#told(event, "iterator");
        yield event;
      }
    } catch (error) {
      this.#recorder.failed(this.number, error);
      throw error;
    }
  }

  #told(event: WatchEvent, by: "listener" | "iterator"): void {
    this.#recorder.record({ kind: "told", watch: this.number, event, by });
  }
}
