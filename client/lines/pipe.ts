import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { noticeLines } from "../notices/notice-lines.ts";
import { Watching } from "../notices/watching.ts";
import { KeyroomError, type Store } from "../sdk/index.ts";
import { EXIT, EXIT_OF_ERROR, type ExitCode } from "../terminal/exit-codes.ts";
import { howToWait } from "../terminal/how-to-wait.ts";
import { outcomeSentence } from "../terminal/outcome-sentence.ts";
import { readLines } from "../terminal/read-lines.ts";
import { NAME_WANTED, signIn } from "../terminal/sign-in.ts";
import { dial } from "./dial.ts";
import { execute, type Leaving } from "./execute.ts";
import { type Command, titleOf } from "./grammar.ts";
import { BY_LOCK, Locking } from "./locking.ts";
import type { LinesOptions } from "./options.ts";
import { runLine } from "./run-line.ts";

/** Enough for notices that nobody wraps. */
const COLUMNS = 1_000;

export interface Pipe {
  readonly input: Readable;
  /** Takes each answer, line by line. */
  print(line: string): void;
  /** Says what went wrong. */
  say(sentence: string): void;
}

/**
 * Line mode for programs: runs commands line by line from a pipe or a file, without a prompt, and goes on after errors.
 * @returns the exit code of the last error, or 0
 * @throws KeyroomError where nobody could be signed in, LocalError for a line that is no text
 */
export async function runPiped(options: LinesOptions, pipe: Pipe): Promise<ExitCode> {
  const { url, credentials, user = null } = options;
  const store = await signIn({
    url,
    user,
    nameWanted: NAME_WANTED,
    credentials,
    dial: (identity) => dial(options, identity),
    passwordAtHand: options.passwordAtHand,
    askPassword: undefined,
    say: pipe.say,
  });
  const stopKeeping = store.on("session", ({ token }) => void credentials.save(url, user, token));
  try {
    const { exit, how } = await runLines(store, pipe, options.passphraseAtHand);
    if (how === "log out") await credentials.forget(url, user);
    return exit;
  } finally {
    stopKeeping();
    store.close();
  }
}

interface PipeEnd {
  readonly exit: ExitCode;
  readonly how: Leaving;
}

async function runLines(
  store: Store,
  { input, print, say }: Pipe,
  passphrase: () => Promise<string | undefined>,
): Promise<PipeEnd> {
  const watching = new Watching(store, {
    show: (notices) => {
      for (const line of noticeLines(notices, store.session.user, COLUMNS)) print(stripVTControlCharacters(line));
    },
    liveAgain: () => undefined,
    changed: () => undefined,
  });
  const locking = new Locking(store, null);
  const context = { store, watching, locking, isForPeople: false, columns: COLUMNS, passphrase };
  let exit: ExitCode = EXIT.done;
  const runner = {
    run: async (command: Command): Promise<Leaving | undefined> => {
      try {
        const done = await execute(command, context);
        if (typeof done === "string") return done;
        done.forEach(print);
      } catch (error) {
        if (!(error instanceof KeyroomError)) throw error;
        exit = EXIT_OF_ERROR[error.code];
        say(`${titleOf(command)}: ${howToWait(error.message, BY_LOCK)} (${error.code})`);
        if (error.op !== undefined) say(await whatBecame(store, command, error.op));
      }
      return undefined;
    },
    mistaken: (sentence: string) => {
      exit = EXIT.usage;
      say(sentence);
    },
  };
  try {
    for await (const { text } of readLines(input)) {
      const how = await runLine(text, store, runner);
      if (how !== undefined) return { exit, how };
    }
    return { exit, how: "leave" };
  } finally {
    watching.stop();
    await locking.stop();
  }
}

async function whatBecame(store: Store, { words: { user } }: Command, op: string): Promise<string> {
  try {
    return outcomeSentence(await (user === undefined ? store : store.room(user)).outcome(op));
  } catch (error) {
    if (!(error instanceof KeyroomError)) throw error;
    return error.message;
  }
}
