/**
 * The live changes of one watched room, on their way to everybody who watches it.
 *
 *     engine ──committed──▶ pending ──flush, once a turn──▶ channels (one push for each question)
 *                                         │
 *                                         ▼
 *                                     position: all subscribers have seen everything up to here
 *
 * A newcomer's answer is read from the engine at some revision R while the feed stands at P. What is pending is flushed
 * first; then, if P is ahead, the changes R+1…P are folded into the answer; if it is behind, the newcomer waits for it.
 * Answering and joining happen in one turn, so that nothing comes between and nothing comes twice.
 * What is kept for folding is bounded: a newcomer that was held up for longer than that reads again.
 */
import type { Position } from "../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Change, Engine, Follower } from "../engine/port.ts";
import type { Clock } from "./clock.ts";
import { restrict } from "./filters.ts";
import { changeBytes } from "./pages.ts";
import { inSeries } from "./series.ts";
import { fold, type Start, toWire } from "./starts.ts";
import type { Subscription } from "./subscription.ts";
import { type Audience, BACKLOG_BYTES } from "./watching.ts";

/** A watch whose keys do not change is still told now and then where the room is, so that it can resume. */
const PROGRESS_MS = 10_000;

export interface FeedParts {
  readonly engine: Engine;
  readonly audience: Audience;
  readonly clock: Clock;
  /** Calls back when this turn of the event loop has read all its input. */
  readonly endOfTurn: (run: () => void) => void;
}

export class Feed implements Follower {
  readonly #room: string;
  readonly #parts: FeedParts;
  readonly #onEnd: () => void;
  readonly #onSlow: (subscription: Subscription, position: Position) => void;
  readonly #unfollow: () => void;
  /** The subscribers of each channel: of a question, in one of the forms in which it is told. */
  readonly #topics = new Map<string, Set<Subscription>>();
  /** Everything up to here is pushed; null until the first answer tells where the room is. */
  #position: Position | null = null;
  /** Committed and not pushed, and the position after the last of it. */
  #pending: Change[] = [];
  #head: Position | null = null;
  /** What was pushed while answers are being read: they may have to be folded into those. */
  #recent: Change[] = [];
  #recentBytes = 0;
  /** The newest change that was too much to be kept for that. */
  #forgotten = 0;
  #readers = 0;
  /** Newcomers whose answer is ahead of the feed. */
  #waiting: (() => void)[] = [];
  #cancelProgress: (() => void) | null = null;

  /**
   * @param onEnd is called when the room is deleted, after the last change was pushed
   * @param onSlow is called for a subscriber that was taken off, with the position up to which it was pushed to
   */
  constructor(
    room: string,
    parts: FeedParts,
    onEnd: () => void,
    onSlow: (subscription: Subscription, position: Position) => void,
  ) {
    this.#room = room;
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#onSlow = onSlow;
    this.#unfollow = parts.engine.follow(room, this);
  }

  /** Whether nobody watches and nobody is about to. */
  get idle(): boolean {
    return this.#topics.size === 0 && this.#readers === 0;
  }

  committed(change: Change, position: Position): void {
    if (this.#position !== null && change.revision <= this.#position.revision) return;
    if (this.#head === null) this.#parts.endOfTurn(() => this.#flush());
    this.#pending.push(change);
    this.#head = position;
  }

  deleted(): void {
    this.#flush();
    this.close();
    this.#onEnd();
  }

  close(): void {
    this.#unfollow();
    this.#cancelProgress?.();
    this.#wake();
  }

  /** From now until the returned function is called, what is pushed is kept for answers that are being read. */
  reading(): () => void {
    this.#readers++;
    return () => {
      this.#readers--;
      if (this.#readers === 0) this.#forget();
    };
  }

  /**
   * The one turn in which a newcomer is told where it begins and becomes a subscriber. To be called while `reading`.
   * @param tell says what was read, as if it had been read at the feed's position
   * @returns false when too much has happened since the answer was read: it has to be read again
   */
  async join(subscription: Subscription, start: Start, tell: (start: Start) => void): Promise<boolean> {
    for (;;) {
      await subscription.watcher.drained();
      if (subscription.cancelled) return true;
      this.#flush();
      if (this.#hasReached(start.position)) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (start.position.revision < this.#forgotten) return false;
    this.#position ??= start.position;
    tell(fold(start, this.#recent, subscription.filter, this.#position));
    const subscriptions = this.#topics.get(subscription.channel) ?? new Set();
    this.#topics.set(subscription.channel, subscriptions.add(subscription));
    subscription.watcher.join(subscription.channel);
    return true;
  }

  leave(subscription: Subscription): void {
    subscription.watcher.leave(subscription.channel);
    const subscriptions = this.#topics.get(subscription.channel);
    subscriptions?.delete(subscription);
    if (subscriptions?.size === 0) this.#topics.delete(subscription.channel);
  }

  #hasReached(position: Position): boolean {
    return this.#position === null || this.#position.revision >= position.revision;
  }

  /** Pushes what is pending: one push for each question, however many commits. */
  #flush(): void {
    const head = this.#head;
    if (head === null) return;
    const changes = this.#pending;
    this.#pending = [];
    this.#head = null;
    let quiet = false;
    for (const subscriptions of this.#topics.values()) {
      this.#setSlowAside(subscriptions);
      const [first] = subscriptions;
      if (first === undefined) continue;
      const seen = changes.map((change) => restrict(change, first.filter)).filter((change) => change !== null);
      if (seen.length > 0) this.#say(first, head, seen);
      else quiet = true;
    }
    if (this.#readers > 0) this.#remember(changes, head);
    this.#position = head;
    this.#wake();
    if (quiet) this.#markProgressLater();
  }

  #remember(changes: readonly Change[], head: Position): void {
    for (const change of changes) {
      this.#recent.push(change);
      this.#recentBytes += changeBytes(change);
    }
    if (this.#recentBytes <= FIXED_LIMITS.pageBytes) return;
    this.#forget();
    this.#forgotten = head.revision;
  }

  #forget(): void {
    this.#recent = [];
    this.#recentBytes = 0;
  }

  /** Whoever does not keep up leaves the live push here, at the position before what is pushed next. */
  #setSlowAside(subscriptions: ReadonlySet<Subscription>): void {
    const position = this.#position;
    if (position === null) return;
    for (const subscription of subscriptions) {
      if (subscription.watcher.backlog() <= BACKLOG_BYTES) continue;
      this.leave(subscription);
      this.#onSlow(subscription, position);
    }
  }

  /** To all on the channel of one of them. */
  #say({ watch, watcher, channel }: Subscription, position: Position, changes: readonly Change[]): void {
    const news = watcher.takesSeries ? inSeries(changes) : { changes: changes.map(toWire) };
    this.#parts.audience.say(channel, { watch, room: this.#room, position, ...news });
  }

  #markProgressLater(): void {
    this.#cancelProgress ??= this.#parts.clock.after(PROGRESS_MS, () => {
      this.#cancelProgress = null;
      const position = this.#position;
      if (position === null) return;
      for (const [first] of this.#topics.values()) {
        if (first !== undefined && first.filter.kind !== "all") this.#say(first, position, []);
      }
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
