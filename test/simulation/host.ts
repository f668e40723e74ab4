import { KeyroomError } from "../../protocol/errors.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { AccountStore } from "../../server/domain/accounts.ts";
import { type Domain, makeDomain } from "../../server/domain/domain.ts";
import type { Audience } from "../../server/domain/watching.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine, LockNews } from "../../server/engine/port.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { Door, type Welcome } from "../../server/transport/door.ts";
import { makeHandlers } from "../../server/transport/handlers.ts";
import { FakeHasher } from "../support/domain-fakes.ts";
import { FarEngine } from "./far-engine.ts";
import { type FromClient, type FromServer, HEARTBEAT } from "./frames.ts";
import type { Delay, End } from "./line.ts";
import { ObservedEngine } from "./observed-engine.ts";
import { SimulatedPeer } from "./peer.ts";
import type { Plant } from "./plant.ts";
import type { Tally } from "./tally.ts";
import type { ProcessClock, Turns } from "./turns.ts";

export interface HostParts {
  readonly turns: Turns;
  readonly clock: ProcessClock;
  readonly plant: Plant;
  readonly tally: Tally;
  readonly accounts: { readonly saved: Parameters<typeof makeDomain>[0]["saved"]; readonly store: AccountStore };
  readonly graceMs: number;
  readonly logRecords: number;
  /** How long a call to the engine travels; null for an engine in the same process. */
  readonly engineDelay: Delay | null;
  /** A session has a connection, or waits for one from now on. */
  readonly onPresence: (session: string, state: "here" | "away") => void;
  /** Something went wrong in the server that should not. */
  readonly onFault: (validator: string, what: string) => void;
}

const CLOSING: Push<"bye"> = {
  code: "unavailable",
  message: "The server is closing.",
  retryable: true,
  afterMs: 1_000,
};

/** One process of the server, from its start to its end. */
export class Host {
  /** Before any plant: what really happens. */
  readonly engine: Engine;
  readonly domain: Domain;
  readonly peers = new Set<SimulatedPeer>();
  /** Resolves when the process is no more. */
  readonly ended: Promise<void>;
  readonly #parts: HostParts;
  readonly #door: Door;
  readonly #dispatcher: Dispatcher;
  readonly #observed: ObservedEngine;
  /** The newest of each session. */
  readonly #newest = new Map<string, SimulatedPeer>();
  readonly #channels = new Map<string, Set<SimulatedPeer>>();
  #isRunning = true;
  #isClosing = false;
  #end: () => void = () => undefined;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { clock, plant, turns, tally, graceMs } = parts;
    this.engine = new MemoryEngine({ logRecords: parts.logRecords }, clock);
    const near = plant.engine(this.engine);
    const engine = parts.engineDelay === null ? near : new FarEngine(near, clock, parts.engineDelay);
    this.#observed = new ObservedEngine(engine, tally, turns.endOfTurn);
    const log = { info: () => undefined, error: (fields: object, text: string) => this.#fault(fields, text) };
    this.engine.onLocks((news) => this.#noteLock(news));
    this.domain = makeDomain({
      accounts: "password",
      anonymous: false,
      audience: plant.audience(this.#audience()),
      clock,
      endOfTurn: (run) => turns.endOfTurn(() => this.#isRunning && run()),
      engine: this.#observed,
      graceMs,
      hasher: new FakeHasher(),
      log,
      saved: parts.accounts.saved,
      store: parts.accounts.store,
      upgrade: { kind: "open" },
    });
    this.#dispatcher = new Dispatcher(plant.handlers(makeHandlers(this.domain), clock), this.domain.rooms, log);
    const limits = { ...FIXED_LIMITS, ...DEFAULT_LIMITS, logRecords: parts.logRecords };
    this.#door = new Door({
      ...this.domain,
      dispatcher: this.#dispatcher,
      isClosing: () => this.#isClosing,
      terms: plant.terms({ accounts: "password", durability: this.engine.durability, graceMs, limits }),
    });
  }

  /** A client has made a line. */
  accept(end: End, address: string): void {
    let isConnected = false;
    let peer: SimulatedPeer | null = null;
    const beat = this.#heartbeat(end, () => peer?.gone());
    end.onEnd = () => {
      beat.stop();
      peer?.gone();
    };
    end.onMessage = (text) => {
      const frame = JSON.parse(text) as FromClient;
      if (frame.kind === "pong") beat.heard();
      else if (frame.kind === "request") this.#request(end, peer, frame);
      else if (!isConnected) {
        isConnected = true;
        void this.#welcome(end, frame.auth, address).then((entered) => {
          peer = entered;
        });
      }
    };
  }

  /** Takes nobody and no requests any more; answers what is under way. */
  drain(): void {
    this.#isClosing = true;
    this.#observed.close();
    void this.#dispatcher.drain();
  }

  /** Says goodbye to everybody. To be followed by `kill`. */
  dismissAll(): void {
    for (const peer of [...this.peers]) peer.close(CLOSING);
  }

  /** The process is no more; the lines are for the network to cut. */
  kill(): void {
    this.#isRunning = false;
    // With it, nothing expires here any more.
    this.#parts.clock.end();
    this.#end();
  }

  async #welcome(end: End, auth: unknown, address: string): Promise<SimulatedPeer | null> {
    try {
      const welcome = await this.#door.welcome(auth, address);
      const { client, connection } = welcome.session;
      if (this.#isRunning && connection === null) this.#parts.onPresence(client, "away");
      return this.#isRunning && end.isOpen ? this.#enter(end, welcome) : null;
    } catch (error) {
      const known = error instanceof KeyroomError ? error : new KeyroomError("internal", String(error));
      tell(end, { kind: "refused", error: known.toJSON() });
      return null;
    }
  }

  #enter(end: End, welcome: Welcome): SimulatedPeer | null {
    const { clock, plant, tally } = this.#parts;
    const peer: SimulatedPeer = new SimulatedPeer(end, welcome, {
      clock,
      tally,
      channels: this.#channels,
      onGone: () => {
        this.peers.delete(peer);
        if (!this.#isRunning) return;
        this.#door.left(peer);
        if (this.#newest.get(peer.session.client) !== peer) return;
        this.#newest.delete(peer.session.client);
        this.#parts.onPresence(peer.session.client, "away");
      },
      onLeave: (channel) => this.#left(peer, channel),
      onOverfull: (what) => this.#parts.onFault("bounded", what),
    });
    plant.peer(peer, clock);
    this.peers.add(peer);
    tell(end, { kind: "connected" });
    if (welcome.session.ended) return this.#door.enter(peer, welcome) ? peer : null;
    this.#newest.set(welcome.session.client, peer);
    this.#parts.onPresence(welcome.session.client, "here");
    return this.#door.enter(peer, welcome) ? peer : null;
  }

  #request(end: End, peer: SimulatedPeer | null, frame: Extract<FromClient, { kind: "request" }>): void {
    if (peer === null || !this.#isRunning) return;
    if (frame.name === "batch") this.#parts.tally.count("batches");
    this.#door.request(peer, [
      frame.name,
      frame.payload,
      (answer: unknown) => {
        this.#noteStart(answer);
        tell(end, { kind: "answer", id: frame.id, answer });
      },
    ]);
  }

  #noteLock(news: LockNews): void {
    const { tally } = this.#parts;
    if (news.kind === "granted") tally.count("lock hand-overs");
    if (news.kind !== "lost") return;
    if (news.reason === "lease") tally.count("locks lost by their lease");
    else if (this.domain.sessions.find(news.owner) === undefined) tally.count("locks lost with their session");
  }

  /** How a watch begins; nothing else that is answered has such a name. */
  #noteStart(answer: unknown): void {
    const value: unknown = typeof answer === "object" && answer !== null && "value" in answer ? answer.value : null;
    if (typeof value !== "object" || value === null) return;
    if ("changes" in value) this.#parts.tally.count("watches resumed by changes");
    if ("gap" in value) this.#parts.tally.count("gaps");
    if ("more" in value && "watch" in value) this.#parts.tally.count("watches that begin in pages");
  }

  #audience(): Audience {
    return {
      say: (channel, payload) => {
        const members = this.#channels.get(channel);
        if (members === undefined) return;
        const changes = payload.changes.length + (payload.series ?? []).flatMap(({ keys }) => keys).length;
        if (payload.series !== undefined) this.#parts.tally.count("pushes with series of puts");
        if (changes > 1) this.#parts.tally.count("coalesced pushes");
        const text = JSON.stringify({ kind: "push", name: "changes", payload } satisfies FromServer);
        for (const peer of members) peer.said(text, changes);
      },
    };
  }

  #left(peer: SimulatedPeer, channel: string): void {
    const room = channel.split(":").slice(2).join(":");
    const isDemoted = peer.open && peer.session.account.role === "guest" && room !== peer.user;
    if (isDemoted && this.#observed.hasUnsaid(room)) this.#parts.tally.count("demotions with pushes pending");
  }

  #heartbeat(end: End, onSilent: () => void): { heard(): void; stop(): void } {
    const { clock, tally } = this.#parts;
    let cancel: () => void = () => undefined;
    const beat = (): void => {
      cancel = clock.after(HEARTBEAT.intervalMs, () => {
        tell(end, { kind: "ping" });
        cancel = clock.after(HEARTBEAT.timeoutMs, () => {
          if (!end.isOpen) return;
          tally.count("half-open lines noticed");
          end.abort();
          onSilent();
        });
      });
    };
    beat();
    const stop = (): void => cancel();
    return {
      stop,
      heard: () => {
        stop();
        beat();
      },
    };
  }

  #fault(fields: object, text: string): void {
    const error: unknown = "err" in fields ? fields.err : "";
    this.#parts.onFault("sound", `${text}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

function tell(end: End, frame: FromServer): void {
  end.send(JSON.stringify(frame));
}
