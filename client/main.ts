#!/usr/bin/env node
import { createRequire } from "node:module";
import { isatty } from "node:tty";
import { type Invocation, parseArguments } from "./cli/arguments.ts";
import { UsageError } from "./cli/errors.ts";
import { explain } from "./cli/failure.ts";
import { printLine, type Streams, say } from "./cli/streams.ts";
import type { Store } from "./sdk/index.ts";
import { Credentials, tokenFile } from "./terminal/credentials.ts";
import { isPlain } from "./terminal/environment.ts";
import { EXIT, type ExitCode } from "./terminal/exit-codes.ts";
import { LocalError } from "./terminal/local-error.ts";
import { stateFile } from "./terminal/places.ts";
import { readCa } from "./terminal/read-ca.ts";
import { secretAtHand } from "./terminal/secrets.ts";
import { systemReason } from "./terminal/system-reason.ts";

// What only one of the ways in needs is imported there: the first paint should not wait for the rest.

const streams: Streams = process;

const NO_SCREEN = "live needs a terminal. Elsewhere, watch prints changes: keyroom HOST PORT watch --room '*'.";

/** For a goodbye to the server. On a line that is silently dead its answer would be waited for half a minute and more. */
const GOODBYE_MS = 2_000;

guardProcess();
process.exitCode = await main(process.argv.slice(2));
// Whoever interrupts it does not wait for what is still under way.
if (process.exitCode === EXIT.interrupted) process.exit();
process.stdout.write("", () => setTimeout(() => process.exit(), GOODBYE_MS).unref());

async function main(args: readonly string[]): Promise<ExitCode | number> {
  try {
    return await start(parseArguments(args, process.env));
  } catch (error) {
    return fail(error);
  }
}

async function start(invocation: Invocation): Promise<ExitCode | number> {
  switch (invocation.kind) {
    case "help": {
      const { helpText, topicText } = await import("./cli/help.ts");
      const { columns } = process.stdout;
      process.stdout.write(invocation.topic === undefined ? helpText(columns) : topicText(invocation.topic, columns));
      return EXIT.done;
    }
    case "completion": {
      const { completionScript } = await import("./cli/completion.ts");
      process.stdout.write(completionScript(invocation.shell));
      return EXIT.done;
    }
    case "version":
      process.stdout.write(`keyroom ${version()}\n`);
      return EXIT.done;
    case "doctor": {
      const { visit } = await import("./doctor/doctor.ts");
      const { server, options } = invocation;
      const rest = { env: process.env, stdout: process.stdout, credentials: credentials(), version: version() };
      return visit({ ...options, url: server.url, ...rest });
    }
    case "profile": {
      const { runProfile } = await import("./cli/profile-command.ts");
      await runProfile(invocation.action, process.env, streams);
      return EXIT.done;
    }
    case "menu":
      return startMenu(invocation);
    case "lines":
      return startLines(invocation);
    case "commands": {
      if (invocation.steps.some(({ name }) => name === "live")) needTerminal(NO_SCREEN);
      const { runOneShot } = await import("./cli/one-shot.ts");
      const live = (store: Store, rooms: readonly string[]) => showLive(store, rooms, invocation.url);
      return runOneShot({ ...invocation, env: process.env, streams, credentials: credentials(), live });
    }
  }
}

async function startMenu({ options, server }: Extract<Invocation, { kind: "menu" }>): Promise<number> {
  needTerminal("The menu needs a terminal. Elsewhere, give commands: keyroom HOST PORT get KEY.");
  const { passwordFile: file } = options;
  const password = await secretAtHand({ file, variable: "KEYROOM_PASSWORD", env: process.env });
  const { env } = process;
  const [{ runMenu }, { KeptWatches, watchesFile }, { profileFile, readProfiles }] = await Promise.all([
    import("./menu/menu.ts"),
    import("./terminal/kept-watches.ts"),
    import("./terminal/profiles.ts"),
  ]);
  return runMenu({
    ...server,
    ...(options.user !== undefined && { user: options.user }),
    ...(options.room !== undefined && { room: options.room }),
    ...(password !== undefined && { password }),
    ...(options.caFile !== undefined && { caFile: options.caFile }),
    secure: options.secure,
    profiles: () => readProfiles(profileFile(env)),
    keepWatches: (server, store, warn) => new KeptWatches({ file: watchesFile(env), server, store, warn }),
    plain: isPlain(env),
    io: { input: process.stdin, output: process.stdout },
    credentials: credentials(),
  });
}

async function startLines({ url, options }: Extract<Invocation, { kind: "lines" }>): Promise<ExitCode> {
  const { user, caFile, deadlineMs, passwordFile, passphraseFile } = options;
  const { stdin, stdout, env } = process;
  const ca = await readCa(caFile);
  const common = {
    url,
    ...(user !== undefined && { user }),
    connection: { ...(ca !== undefined && { ca }), ...(deadlineMs !== undefined && { deadlineMs }) },
    credentials: credentials(),
    passwordAtHand: () => secretAtHand({ file: passwordFile, variable: "KEYROOM_PASSWORD", env }),
    passphraseAtHand: () => secretAtHand({ file: passphraseFile, variable: "KEYROOM_PASSPHRASE", env }),
  };
  if (!stdin.isTTY || !stdout.isTTY) {
    const { runPiped } = await import("./lines/pipe.ts");
    const print = (line: string) => printLine(streams, line);
    return runPiped(common, { input: stdin, print, say: (sentence) => say(streams, sentence) });
  }
  const { runLines } = await import("./lines/lines.ts");
  const io = { input: stdin, output: stdout };
  return runLines({ ...common, io, isPlain: isPlain(env), historyFile: stateFile(env, "history") });
}

async function showLive(store: Store, rooms: readonly string[], url: string): Promise<void> {
  const { runLive } = await import("./live/live.ts");
  const io = { input: process.stdin, output: process.stdout };
  await runLive({ store, rooms, server: new URL(url).host, io, end: null, plain: isPlain(process.env) });
}

/** @throws UsageError with the sentence, where nobody sits in front of a screen */
function needTerminal(sentence: string): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError(sentence);
}

function credentials(): Credentials {
  return new Credentials(tokenFile(process.env), (sentence) => say(streams, sentence));
}

/** That of the package this file belongs to, from source and when built. */
function version(): string {
  const manifest: { readonly version?: unknown } = createRequire(import.meta.url)("keyroom/package.json");
  return String(manifest.version);
}

/** Says what went wrong, in a sentence and without a stack. */
function fail(error: unknown): ExitCode {
  const { sentence, exit } = explain(error);
  if (sentence !== undefined) say(streams, sentence);
  return exit;
}

/** However the process ends, nobody sees a stack. */
function guardProcess(): void {
  process.on("SIGINT", () => process.exit(EXIT.interrupted));
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    if (terminals.every((fd) => isatty(fd))) return;
    // Its window is closed. At an ordinary end Node would restore what is no terminal any more, and crash.
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
  process.on("uncaughtException", (error) => process.exit(fail(error)));
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever read it has gone, as in `| head -1`. What is under way is still done: it may be a write.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE")
        process.exit(fail(new LocalError(`Cannot write the output: ${systemReason(error)}.`)));
    });
  }
}
