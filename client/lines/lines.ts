import type { Store } from "../sdk/index.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import type { Io } from "../terminal/io.ts";
import { printable } from "../terminal/printable.ts";
import { Interrupted } from "../terminal/question.ts";
import { complete } from "./completion.ts";
import type { Typed } from "./editor.ts";
import { mayBeKept } from "./grammar.ts";
import { History } from "./history.ts";
import { listed } from "./listed.ts";
import type { LinesOptions } from "./options.ts";
import { PlainScreen } from "./plain-screen.ts";
import { Left, LineReader } from "./reader.ts";
import { Recall } from "./recall.ts";
import { DrawnScreen } from "./screen.ts";
import { LineSession, SessionEnded } from "./session.ts";
import { LineSignIn } from "./sign-in.ts";
import { Talk } from "./talk.ts";
import { splitWords, type Word } from "./words.ts";

export interface TerminalOptions extends LinesOptions {
  readonly io: Io;
  /** Whether nothing may be drawn over: for terminals that cannot, and for readers who follow what is added. */
  readonly isPlain: boolean;
  readonly historyFile: string;
}

/**
 * Line mode on a terminal: signs in, runs what is typed, and signs in anew after a logout, until the user leaves.
 * @throws KeyroomError where there is no server
 */
export async function runLines(options: TerminalOptions): Promise<ExitCode> {
  const { input, output } = options.io;
  const mode = new LineMode(options);
  const onResize = () => mode.reader.refresh();
  output.on("resize", onResize);
  mode.reader.start();
  try {
    return await mode.run();
  } catch (error) {
    if (error instanceof Left) return EXIT.done;
    if (error instanceof Interrupted) return EXIT.interrupted;
    throw error;
  } finally {
    mode.reader.close();
    output.off("resize", onResize);
    input.pause();
  }
}

class LineMode {
  readonly reader: LineReader;
  readonly #options: TerminalOptions;
  readonly #talk: Talk;
  readonly #history: History;
  /** The session at work. */
  #store: Store | null = null;

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { io, isPlain, historyFile } = options;
    const screen = isPlain ? new PlainScreen(io.output) : new DrawnScreen(io.output);
    this.#talk = new Talk(screen);
    this.#history = new History(historyFile, (sentence) => this.#talk.complain(sentence));
    const recall = new Recall(() => this.#history.lines);
    this.reader = new LineReader(io.input, screen, recall, {
      prompt: () => (this.#store === null ? "" : promptOf(this.#store)),
      interrupted: () => this.#interrupted(),
      queued: () => this.#talk.remark("queued"),
      complete: (line) => this.#complete(line),
    });
  }

  async run(): Promise<ExitCode> {
    const signIn = new LineSignIn(this.#options, this.reader, this.#talk);
    for (;;) {
      const store = await signIn.run();
      try {
        if ((await this.#work(store, signIn)) === "leave") return EXIT.done;
        await signIn.forget();
        this.#talk.remark("Logged out.");
      } catch (error) {
        if (!(error instanceof SessionEnded)) throw error;
        // Whoever is typing a line shall not find it taken for a name.
        await this.reader.ask("Press Enter to sign in again: ");
      }
    }
  }

  async #work(store: Store, signIn: LineSignIn) {
    const { reader } = this;
    this.#store = store;
    const stopKeeping = store.on("session", ({ token }) => void signIn.keep(token));
    try {
      let before: readonly Word[] = [];
      const keep = (line: string) => {
        const { words } = splitWords(line);
        if (mayBeKept(line, words, before)) this.#history.add(line);
        before = words;
      };
      return await new LineSession({
        store,
        reader,
        talk: this.#talk,
        keep,
        passphrase: () => this.#passphrase(),
      }).run();
    } finally {
      stopKeeping();
      this.#store = null;
    }
  }

  /** Undefined where none is needed. */
  async #passphrase(): Promise<string | undefined> {
    const atHand = await this.#options.passphraseAtHand();
    if (atHand !== undefined) return atHand;
    const question = "Manager passphrase (empty where none is needed): ";
    const typed = await this.reader.ask(question, { isSecret: true, isOptional: true });
    return typed === "" ? undefined : typed;
  }

  #interrupted(): void {
    if (this.#store === null && this.reader.isIdle) {
      this.reader.end(new Interrupted());
      return;
    }
    this.#talk.remark("To leave, press Ctrl-D, or Ctrl-C once more.");
    if (this.#store !== null) this.reader.open();
  }

  async #complete(line: Typed): Promise<Typed | undefined> {
    if (this.#store === null) return undefined;
    const { line: completed, choices } = await complete(line, this.#store);
    if (choices.length > 0) this.#talk.print(listed(choices, this.#talk.columns));
    return completed;
  }
}

function promptOf({ session: { user, role } }: Store): string {
  return `${printable(user)}@${role === "guest" ? "Guest__$" : "Manager__#"} `;
}
