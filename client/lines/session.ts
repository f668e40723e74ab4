import type { Notice } from "../notices/notice.ts";
import { noticeLines } from "../notices/notice-lines.ts";
import { Watching } from "../notices/watching.ts";
import { type ConnectionState, KeyroomError, type Role, type Store } from "../sdk/index.ts";
import { howToWait } from "../terminal/how-to-wait.ts";
import { outcomeSentence } from "../terminal/outcome-sentence.ts";
import { execute, type Leaving, needsServer } from "./execute.ts";
import { type Command, titleOf } from "./grammar.ts";
import { BY_LOCK, Locking } from "./locking.ts";
import { Cancelled, type LineReader } from "./reader.ts";
import { type Runner, runLine } from "./run-line.ts";
import type { Talk } from "./talk.ts";

/** An answer that takes longer does not hide the prompt any more. */
const PATIENCE_MS = 1_000;
/** Below it, notices would be nothing but ellipses. */
const NARROWEST = 20;

/** The session is over, and not by its user; the message says why. */
export class SessionEnded extends Error {}

export interface SessionParts {
  readonly store: Store;
  readonly reader: LineReader;
  readonly talk: Talk;
  /** Remembers what was typed. */
  keep(line: string): void;
  passphrase(): Promise<string | undefined>;
}

/** A signed-in user who types lines, which run one after the other. */
export class LineSession {
  readonly #store: Store;
  readonly #parts: SessionParts;
  readonly #watching: Watching;
  readonly #locking: Locking;
  readonly #stops: readonly (() => void)[];
  #role: Role;
  #state: ConnectionState = "connected";
  #why = "";
  /** The command at work. */
  #working: { readonly title: string; isSent: boolean } | null = null;
  #patience: NodeJS.Timeout | undefined;
  #isLoggingOut = false;
  #isSignedOut = false;
  #isOver = false;

  constructor(parts: SessionParts) {
    const { store, talk } = parts;
    this.#store = store;
    this.#parts = parts;
    this.#role = store.session.role;
    this.#watching = new Watching(store, {
      show: (notices) => this.#show(notices),
      liveAgain: () => talk.announce("Watching goes on."),
      changed: () => undefined,
    });
    this.#locking = new Locking(store, (text) => talk.announce(text));
    this.#stops = [
      store.on("state", (state, why) => this.#onState(state, why)),
      store.on("role", (role) => this.#noteRole(role)),
      store.on("session", ({ role }) => this.#noteRole(role)),
    ];
  }

  /** @throws SessionEnded, or what ends the reader */
  async run(): Promise<Leaving> {
    const { reader, keep } = this.#parts;
    const runner: Runner = {
      run: (command) => this.#run(command),
      mistaken: (sentence) => this.#parts.talk.complain(sentence),
    };
    try {
      for (;;) {
        if (this.#store.state === "closed") return await this.#refuseEntered(runner);
        const text = await reader.line();
        keep(text);
        const left = await unlessAborted(runLine(text, this.#store, runner), reader.ended);
        if (left !== undefined) return left;
      }
    } finally {
      await this.#locking.stop();
      this.#end();
    }
  }

  /** Nothing that was entered goes without an answer. @throws SessionEnded */
  async #refuseEntered(runner: Runner): Promise<Leaving> {
    for (const line of this.#parts.reader.takeEntered()) {
      const left = await runLine(line, this.#store, runner);
      if (left !== undefined) return left;
    }
    throw new SessionEnded(this.#why);
  }

  #end(): void {
    this.#isOver = true;
    this.#rest();
    for (const stop of this.#stops) stop();
    this.#watching.stop();
    this.#store.close();
    const { talk, reader } = this.#parts;
    if (this.#working !== null) {
      const { title, isSent } = this.#working;
      talk.announce(isSent ? `No answer came to: ${title}. It may have been done or not.` : `Not run: ${title}`);
    }
    const dropped = reader.drop();
    if (dropped > 0) talk.announce(`Not run: ${dropped} queued line${dropped === 1 ? "" : "s"}.`);
  }

  async #run(command: Command): Promise<Leaving | undefined> {
    const title = titleOf(command);
    const working = { title, isSent: false };
    this.#working = working;
    this.#isLoggingOut = command.name === "logout";
    try {
      if (needsServer(command)) await this.#connected(title);
      if (this.#isSignedOut && command.name !== "exit" && command.name !== "q") {
        this.#parts.talk.complain(`${title}: ${undone(command)}, you are signed out.`);
        return undefined;
      }
      working.isSent = needsServer(command);
      this.#bePatient(title);
      const done = await execute(command, this.#context(title));
      if (this.#isOver || typeof done === "string") return this.#left(done);
      this.#answer(title, done);
    } catch (error) {
      await this.#failed(command, error);
    } finally {
      this.#rest();
      this.#isLoggingOut = false;
      if (!this.#isOver) this.#working = null;
    }
    return undefined;
  }

  #left(done: readonly string[] | Leaving): Leaving | undefined {
    this.#working = null;
    return typeof done === "string" ? done : undefined;
  }

  #context(title: string) {
    return {
      store: this.#store,
      watching: this.#watching,
      locking: this.#locking,
      isForPeople: true,
      columns: this.#parts.talk.columns,
      passphrase: async () => {
        this.#rest();
        const passphrase = await this.#parts.passphrase();
        this.#bePatient(title);
        return passphrase;
      },
    };
  }

  /** With the command, where its own line is not the last one. */
  #answer(title: string, lines: readonly string[]): void {
    const { talk, reader } = this.#parts;
    talk.answer(reader.isOpen && lines.length === 1 ? [`${title}: ${lines[0] ?? ""}`] : lines);
  }

  async #failed(command: Command, error: unknown): Promise<void> {
    if (this.#isOver || error instanceof Cancelled || error instanceof SessionEnded) return;
    if (!(error instanceof KeyroomError)) throw error;
    const { talk, reader } = this.#parts;
    const message = howToWait(error.message, BY_LOCK);
    talk.complain(reader.isOpen ? `${titleOf(command)}: ${message}` : message);
    if (error.op !== undefined) await this.#settle(command, error.op);
  }

  /** Asks what became of a write until the server says so. */
  async #settle(command: Command, op: string): Promise<void> {
    const { user } = command.words;
    const room = user === undefined ? this.#store : this.#store.room(user);
    const title = titleOf(command);
    for (;;) {
      try {
        await this.#connected(title);
        const sentence = outcomeSentence(await room.outcome(op));
        if (!this.#isOver) this.#parts.talk.announce(`${title}: ${sentence}`);
        return;
      } catch (error) {
        if (this.#isOver) return;
        if (!(error instanceof KeyroomError)) throw error;
        // It has waited for the whole deadline.
        if (error.code === "timeout" && this.#store.state !== "closed") continue;
        return this.#parts.talk.complain(`${title}: ${error.message}`);
      }
    }
  }

  /** Resolves when there is a server to ask; until then one types on. */
  async #connected(title: string): Promise<void> {
    if (this.#store.state === "reconnecting") this.#letTypeOn(`${title}: queued until the server is back.`);
    while (this.#store.state === "reconnecting") {
      await new Promise<void>((resolve) => {
        const stop = this.#store.on("state", () => {
          stop();
          resolve();
        });
      });
    }
  }

  #bePatient(title: string): void {
    this.#patience = setTimeout(() => this.#letTypeOn(`${title}: no answer yet.`), PATIENCE_MS);
  }

  #rest(): void {
    clearTimeout(this.#patience);
  }

  #letTypeOn(remark: string): void {
    const { talk, reader } = this.#parts;
    if (this.#isOver || reader.isOpen) return;
    talk.remark(remark);
    reader.open();
  }

  #show(notices: readonly Notice[]): void {
    const { talk } = this.#parts;
    talk.print(noticeLines(notices, this.#store.session.user, Math.max(NARROWEST, talk.columns)));
  }

  /** A change is heard of by a push, an answer and a reconnect, in any order. */
  #noteRole(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    this.#parts.talk.announce(`You are a ${role} now.`);
    this.#parts.reader.refresh();
  }

  #onState(state: ConnectionState, why: string): void {
    // Each further failure to reconnect is reported, too.
    if (state === this.#state) return;
    this.#state = state;
    this.#why = why;
    const { talk, reader } = this.#parts;
    switch (state) {
      case "connected":
        talk.announce(why);
        break;
      case "stale":
        talk.announce(`${why} Still waiting…`);
        break;
      case "reconnecting":
        talk.announce(`${why} Reconnecting…`.trimStart());
        // What is under way may take as long as the server does.
        if (this.#working !== null) this.#letTypeOn(`${this.#working.title}: no answer yet.`);
        break;
      case "closed":
        if (this.#isLoggingOut) break;
        this.#isSignedOut = true;
        reader.cancel(new SessionEnded(why));
        talk.announce(`Signed out. ${why}`);
    }
  }
}

function undone({ name }: Command): string {
  if (name === "put") return "not written";
  return name === "delete" ? "not deleted" : "not run";
}

/** What the work brings, unless the signal is aborted before: then its reason is thrown. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
