import { RemoteStore } from "../../client/sdk/store.ts";
import type { SavedPosition, WatchOptions } from "../../client/sdk/types.ts";
import type { OpenWire } from "../../client/sdk/wire.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Clock } from "../../server/domain/clock.ts";
import { RecordedStore } from "../history/recorded-store.ts";
import type { Recorder } from "../history/recorder.ts";
import type { Random } from "../support/random.ts";
import { Following, type Question } from "./following.ts";
import type { Tally } from "./tally.ts";

export interface ProgramParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly tally: Tally;
  readonly openWire: OpenWire;
  readonly deadlineMs: number;
  /** A write to this room may or may not have happened. */
  readonly onDoubt: (room: string, op: string) => void;
  readonly onFault: (what: string) => void;
}

interface Saved {
  readonly question: Question;
  readonly from: SavedPosition | null;
}

/** What may end a store that its program still wants: another of the user's programs logs out, or the operator acts. */
const EXPECTED_ENDS = /logged out|deleted your account|no account \w+ any more/;

/** One program that uses the SDK: it calls, watches, stops and starts anew. */
export class Program {
  /** Also where it is: its address in the network. */
  readonly name: string;
  readonly user: string;
  readonly followings = new Set<Following>();
  readonly #parts: ProgramParts;
  #store: RecordedStore | null = null;
  #starts = 0;
  /** What tells this life of it from the next; null while it is not wanted. */
  #life: symbol | null = null;
  #underWay = 0;
  #saved: readonly Saved[] = [];

  constructor(name: string, user: string, parts: ProgramParts) {
    this.name = name;
    this.user = user;
    this.#parts = parts;
  }

  /** Null until it is signed in, and when it is over. */
  get store(): RecordedStore | null {
    return this.#store;
  }

  /** Calls without an answer. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Signs in, again and again until it succeeds, and goes on with the watches it had. */
  start(): void {
    if (this.#life !== null) return;
    const life = Symbol(this.name);
    this.#life = life;
    void this.#live(() => this.#life === life);
  }

  /** Ends the process; it remembers where its watches stood. */
  stop(): void {
    this.#life = null;
    this.#saved = [...this.followings].map(({ question, watch }) => ({ question, from: watch.position }));
    this.#store?.close();
  }

  follow(question: Question, from: SavedPosition | null = null): void {
    const store = this.#store;
    if (store === null) return;
    const { clock, random, recorder, tally } = this.#parts;
    const { room, ...filter } = question;
    const options: WatchOptions = { ...filter, ...(from === null ? {} : { from }) };
    const number = recorder.opened({ client: store.name, user: this.user, room, filter, from });
    const watch = store.store.room(room).watch(options);
    const onThrow = (): void => tally.count("listeners that threw");
    const onEnd = (error: unknown): void => {
      this.followings.delete(following);
      this.#judge(error);
    };
    const following: Following = new Following(number, question, watch, { clock, random, recorder, onThrow, onEnd });
    this.followings.add(following);
  }

  /** Makes a call; what may be refused is refused. */
  async call(room: string, work: (store: RecordedStore) => Promise<unknown>): Promise<void> {
    if (this.#store === null) return;
    this.#underWay++;
    try {
      await work(this.#store);
      this.#parts.tally.count("answers");
    } catch (error) {
      this.#judge(error, room);
    } finally {
      this.#underWay--;
    }
  }

  async #live(isWanted: () => boolean): Promise<void> {
    const { clock, openWire, deadlineMs } = this.#parts;
    const options = { user: this.user, password: `secret of ${this.user}`, deadlineMs };
    while (isWanted()) {
      const remote = new RemoteStore("http://simulation:1", options, openWire, clock);
      await remote.open(30_000).catch(() => undefined);
      if (!isWanted()) remote.close();
      // Perhaps dismissed at once.
      if (remote.state !== "closed") await this.#use(remote, isWanted);
      await new Promise<void>((resolve) => clock.after(500, resolve));
    }
  }

  /** Resolves when it is closed. */
  async #use(remote: RemoteStore, isWanted: () => boolean): Promise<void> {
    const { recorder, tally } = this.#parts;
    const store = new RecordedStore(`${this.name}#${++this.#starts}`, remote, recorder);
    remote.on("session", ({ resumed }) => {
      tally.count(resumed ? "resumed sessions" : "sessions that were over");
    });
    this.#store = store;
    for (const { question, from } of this.#saved) this.follow(question, from);
    this.#saved = [];
    await new Promise<void>((resolve) => {
      remote.on("state", (state, why) => {
        if (state !== "closed") return;
        if (isWanted() && !EXPECTED_ENDS.test(why)) this.#parts.onFault(`The store was closed: ${why}`);
        resolve();
      });
    });
    if (this.#store === store) this.#store = null;
  }

  #judge(error: unknown, room?: string): void {
    if (error === undefined) return;
    if (!(error instanceof KeyroomError)) {
      this.#parts.onFault(`A call failed with ${error instanceof Error ? error.stack : String(error)}`);
      return;
    }
    if (error.code === "internal") this.#parts.onFault(`A call was refused with ${error.code}: ${error.message}`);
    if (error.code !== "unknown_outcome" && error.code !== "timeout") return;
    this.#parts.tally.count("deadlines passed");
    if (error.op !== undefined && room !== undefined) this.#parts.onDoubt(room, error.op);
  }
}
