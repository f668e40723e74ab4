import type { Push, PushName } from "../../protocol/pushes.ts";
import { SERIES_SINCE } from "../../protocol/series.ts";
import type { Clock } from "../../server/domain/clock.ts";
import { BACKLOG_BYTES } from "../../server/domain/watching.ts";
import type { Welcome } from "../../server/transport/door.ts";
import { Owed } from "../../server/transport/owed.ts";
import type { Peer } from "../../server/transport/peer.ts";
import { CLOSE_MS } from "../../server/transport/socket-peer.ts";
import type { FromServer } from "./frames.ts";
import type { End } from "./line.ts";
import type { Tally } from "./tally.ts";

/** What each message counts for while it waits, whatever its size: a few are a backlog. */
export const MESSAGE_BYTES = 400 * 1024;

const ANSWERS_BYTES = 4 * 1024 * 1024;

/** What is said in the turn in which a client becomes too slow. */
const MOST_OVERFULL = 2;

export interface PeerParts {
  readonly clock: Clock;
  readonly tally: Tally;
  /** Who has joined each channel. */
  readonly channels: Map<string, Set<SimulatedPeer>>;
  /** The connection is gone. */
  readonly onGone: () => void;
  /** A channel is left while something waits to be said there. */
  readonly onLeave: (channel: string) => void;
  /** More changes wait than a slow client may make the server keep. */
  readonly onOverfull: (what: string) => void;
}

/** As `SocketPeer`, over a simulated line. */
export class SimulatedPeer implements Peer {
  readonly session: Welcome["session"];
  readonly address: string;
  readonly takesSeries: boolean;
  readonly #end: End;
  readonly #parts: PeerParts;
  readonly #channels = new Set<string>();
  readonly owed = new Owed((bye) => this.close(bye));
  unanswered = 0;
  #isOpen = true;
  #isGone = false;
  #drained = Promise.resolve();
  /** Pushes of changes in a row that found more waiting than there may. */
  #overfull = 0;

  constructor(end: End, welcome: Welcome, parts: PeerParts) {
    this.#end = end;
    this.session = welcome.session;
    this.address = welcome.address;
    this.takesSeries = welcome.protocol >= SERIES_SINCE;
    this.#parts = parts;
  }

  get open(): boolean {
    return this.#isOpen;
  }

  get congested(): boolean {
    return this.waiting > ANSWERS_BYTES;
  }

  relieved(): Promise<void> {
    return this.#end.drained(Math.floor(ANSWERS_BYTES / MESSAGE_BYTES));
  }

  get user(): string {
    return this.session.account.name;
  }

  /** What `backlog` has to tell. */
  get waiting(): number {
    return this.#end.waiting * MESSAGE_BYTES;
  }

  join(channel: string): void {
    if (!this.#isOpen) return;
    this.#channels.add(channel);
    const members = this.#parts.channels.get(channel) ?? new Set();
    this.#parts.channels.set(channel, members.add(this));
  }

  leave(channel: string): void {
    if (!this.#channels.delete(channel)) return;
    this.#parts.onLeave(channel);
    this.#forget(channel);
  }

  backlog(): number {
    return this.waiting;
  }

  drained(): Promise<void> {
    this.#drained = this.#drained.then(() => this.#end.drained(BACKLOG_BYTES / 8 / MESSAGE_BYTES));
    return this.#drained;
  }

  push<N extends PushName>(name: N, payload: Push<N>): void {
    if (name === "changes") this.#parts.tally.count("catch-ups of slow watchers");
    this.tell({ kind: "push", name, payload });
  }

  tell(frame: FromServer): void {
    if (this.#isOpen) this.#end.send(JSON.stringify(frame));
  }

  /** A push that was encoded once for many. */
  said(text: string, changes: number): void {
    this.#end.send(text);
    // A mark of progress is small, and comes every 10 s at most.
    if (changes === 0) return;
    this.#overfull = this.waiting > BACKLOG_BYTES ? this.#overfull + 1 : 0;
    if (this.#overfull > MOST_OVERFULL) {
      this.#parts.onOverfull(`${this.#overfull} pushes of changes were queued for ${this.user}, who does not read.`);
    }
  }

  close(bye: Push<"bye">): void {
    if (!this.#isOpen) return;
    if (bye.code === "conflict") this.#parts.tally.count("takeovers");
    this.push("bye", bye);
    this.#shut();
    if (this.#end.waiting === 0) {
      this.#end.close();
      this.gone();
      return;
    }
    const force = (): void => {
      this.#end.abort();
      this.gone();
    };
    void this.#end.drained(0).then(force);
    this.#parts.clock.after(CLOSE_MS, force);
  }

  dismiss(bye: Push<"bye">): void {
    if (this.backlog() > 0) this.abort();
    else this.close(bye);
  }

  abort(): void {
    if (!this.#isOpen) return;
    this.#shut();
    this.#end.abort();
    this.gone();
  }

  /** The line is gone, from this side or from the other. */
  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#shut();
    this.#parts.onGone();
  }

  #shut(): void {
    this.#isOpen = false;
    for (const channel of this.#channels) this.#forget(channel);
    this.#channels.clear();
  }

  #forget(channel: string): void {
    const members = this.#parts.channels.get(channel);
    members?.delete(this);
    if (members?.size === 0) this.#parts.channels.delete(channel);
  }
}
