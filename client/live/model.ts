import type { WatchEvent } from "../sdk/index.ts";
import { type Filter, matches, NO_FILTER } from "./filter.ts";
import { type News, newsOf } from "./news.ts";
import { Rates } from "./rates.ts";
import { type NewsRow, Recent } from "./recent.ts";
import { Subject } from "./subject.ts";
import { type Row, Table } from "./table.ts";

/** What the live view knows of its rooms: events and the time go in. Its memory is bounded, whatever comes. */
export class LiveModel {
  readonly rates = new Rates();
  readonly #recent = new Recent();
  readonly #table = new Table();
  readonly #rooms = new Set<string>();
  #filter = NO_FILTER;
  #subject: Subject | null = null;
  #changes = 0;
  #gaps = 0;
  readonly #losses = new Map<string, string>();

  /** Those that have begun and are there. */
  get rooms(): ReadonlySet<string> {
    return this.#rooms;
  }

  /** How many were told, since the beginning. */
  get changes(): number {
    return this.#changes;
  }

  /** How often changes were missed, since the beginning. */
  get gaps(): number {
    return this.#gaps;
  }

  /** What is not watched any more though it may be there, `*` for all rooms, and why. */
  get losses(): ReadonlyMap<string, string> {
    return this.#losses;
  }

  get leavesOut(): boolean {
    return this.#table.leavesOut;
  }

  get filter(): Filter {
    return this.#filter;
  }

  get subject(): Subject | null {
    return this.#subject;
  }

  /** From now on only what matches counts for the newest, so that a busy room does not push out what one wants to see. */
  show(filter: Filter): void {
    this.#filter = filter;
  }

  /** Keeps this key's whole entry. */
  open(room: string, key: string): Subject {
    this.#subject = new Subject(room, key);
    return this.#subject;
  }

  closeSubject(): void {
    this.#subject = null;
  }

  /** @param now ms since 1970, by our clock */
  apply(event: WatchEvent, now: number): void {
    if (event.kind === "end") this.#rooms.delete(event.room);
    else this.#rooms.add(event.room);
    if (event.kind === "gap") this.#gaps++;
    if (event.kind === "change") {
      this.#changes++;
      this.rates.add(event.room, event.at, now);
    }
    this.#table.apply(event, now);
    this.#subject?.apply(event);
    this.#tell(newsOf(event, now));
  }

  /** A watch has ended for another reason than its room's end: of the room, or of all rooms. */
  lost(room: string, reason: string, now: number): void {
    const rooms = room === "*" ? [...this.#rooms] : [room];
    for (const each of rooms) {
      this.#rooms.delete(each);
      this.#table.drop(each);
    }
    this.#losses.set(room, reason);
    this.#tell([{ kind: "end", room, at: now, reason }]);
  }

  /** Newest first. */
  newest(): readonly NewsRow[] {
    return this.#recent.rows((row) => this.#isWanted(row));
  }

  /** In the order of rooms and keys. */
  table(now: number): readonly Row[] {
    return this.#table.rows(({ room, key }) => matches(this.#filter, room, key), now);
  }

  #tell(news: readonly News[]): void {
    this.#recent.add(news.filter((each) => this.#isWanted(each)));
  }

  #isWanted(news: News): boolean {
    return news.room === "*" || matches(this.#filter, news.room, "key" in news ? news.key : null);
  }
}
