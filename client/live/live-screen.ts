import { systemClock } from "../sdk/clock.ts";
import type { WatchEvent } from "../sdk/index.ts";
import { lastWords } from "../terminal/last-words.ts";
import { askPast } from "./ask-past.ts";
import { Feeds } from "./feeds.ts";
import { Frames } from "./frames.ts";
import type { KeyPress } from "./key-press.ts";
import { listenToKeys } from "./keyboard.ts";
import { type LiveOptions, onAbort } from "./live-options.ts";
import { LiveModel } from "./model.ts";
import { Painter } from "./painter.ts";
import { FIRST_UI, type Opened, pressed, type Ui } from "./ui.ts";
import { type Screen, screenOf } from "./view.ts";

/** Ages grow and marks go without any change. */
const TICK_MS = 500;

export interface LiveScreenOptions extends Omit<LiveOptions, "end" | "plain"> {
  /** Whether blocks and the like can be shown. */
  readonly isUnicode: boolean;
}

/** Puts model, view, watches and terminal together. */
export class LiveScreen {
  readonly #options: LiveScreenOptions;
  readonly #painter: Painter;
  readonly #frames: Frames;
  readonly #feeds: Feeds;
  readonly #model = new LiveModel();
  #ui: Ui = FIRST_UI;
  #screen: Screen | null = null;
  /** Ends the view with what is wrong. */
  #fail: (reason: unknown) => void = () => undefined;

  constructor(options: LiveScreenOptions) {
    this.#options = options;
    this.#painter = new Painter(options.io.output);
    this.#frames = new Frames(() => this.#draw(), systemClock);
    this.#feeds = new Feeds(options.store, options.rooms, {
      event: (event) => this.#apply(event),
      lost: (room, reason) => this.#model.lost(room, reason, Date.now()),
      refused: (error) => this.#fail(error),
      changed: () => this.#frames.request(),
    });
  }

  /** How often something was written to the screen. */
  get frames(): number {
    return this.#painter.frames;
  }

  /** Changes that were told and taken. */
  get changes(): number {
    return this.#model.changes;
  }

  /**
   * Until the user has enough. However it ends, the terminal is as it was.
   * @throws Interrupted, KeyroomError where nothing may be watched, or the reason of `end` once that is aborted
   */
  async run(end: AbortSignal | null): Promise<void> {
    const stops: (() => void)[] = [];
    try {
      await new Promise<void>((leave, fail) => {
        this.#fail = fail;
        stops.push(this.#occupyScreen(), this.#follow(), onAbort(end, fail));
        const key = (key: KeyPress): void => {
          this.#press(key);
          if (this.#ui.isOver) leave();
        };
        stops.push(this.#listen({ key, interrupted: fail }));
      });
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** Nobody's terminal stays in the state it is in meanwhile. */
  #occupyScreen(): () => void {
    const leave = (): void => this.#painter.leave();
    const stopWaiting = lastWords(leave);
    // What is said of the exception shall not vanish with the alternate screen.
    process.on("uncaughtExceptionMonitor", leave);
    this.#painter.enter();
    this.#frames.now();
    return () => {
      stopWaiting();
      process.off("uncaughtExceptionMonitor", leave);
      leave();
    };
  }

  #follow(): () => void {
    const stopListening = this.#options.store.on("state", () => this.#frames.request());
    const ticking = setInterval(() => this.#frames.request(), TICK_MS);
    return () => {
      stopListening();
      clearInterval(ticking);
      this.#feeds.close();
      this.#frames.stop();
    };
  }

  #listen(listener: Parameters<typeof listenToKeys>[2]): () => void {
    const { input, output } = this.#options.io;
    const redraw = (): void => {
      this.#painter.enter();
      this.#painter.forget();
      this.#frames.now();
    };
    output.on("resize", redraw);
    const stopKeys = listenToKeys(input, { leave: () => this.#painter.leave(), redraw }, listener);
    return () => {
      stopKeys();
      output.off("resize", redraw);
    };
  }

  #apply(event: WatchEvent): void {
    this.#model.apply(event, Date.now());
    this.#frames.request();
  }

  #press(key: KeyPress): void {
    const { height = 1, openedLines = 0 } = this.#screen ?? {};
    const before = this.#ui;
    this.#ui = pressed(before, key, { model: this.#model, now: Date.now(), height, openedLines });
    const { isPaused, filter, opened } = this.#ui;
    if (isPaused !== before.isPaused) {
      if (isPaused) this.#feeds.pause();
      else this.#feeds.resume();
    }
    if (filter !== before.filter) this.#model.show(filter);
    if (opened === null) this.#model.closeSubject();
    else if (before.opened === null) this.#open(opened);
    this.#frames.now();
  }

  #open({ room: name, key }: Opened): void {
    const subject = this.#model.open(name, key);
    const room = this.#options.store.room(name);
    const changed = (): void => this.#frames.request();
    const answer = room.get(key).then((entry) => subject.answered(entry));
    void answer.catch((error: Error) => subject.failed(error.message)).finally(changed);
    void askPast(room, subject, { isWanted: () => this.#model.subject === subject, changed });
  }

  #draw(): void {
    const { store, server, isUnicode } = this.#options;
    const { columns, rows } = this.#painter;
    const status = { server, connection: store.state, retry: store.retry, ...this.#feeds.state };
    const picture = { model: this.#model, ui: this.#ui, status, now: Date.now(), columns, rows, isUnicode };
    this.#screen = screenOf(picture);
    this.#painter.draw(this.#screen);
  }
}
