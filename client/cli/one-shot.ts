import { connect, type Store } from "../sdk/index.ts";
import type { Credentials } from "../terminal/credentials.ts";
import { isPlain } from "../terminal/environment.ts";
import { readCa } from "../terminal/read-ca.ts";
import { readValue } from "../terminal/read-value.ts";
import { canPrompt, promptSecret, secretAtHand } from "../terminal/secrets.ts";
import { NAME_WANTED, signIn } from "../terminal/sign-in.ts";
import type { Step } from "./arguments.ts";
import { explain } from "./failure.ts";
import type { Options } from "./options.ts";
import { readOuterLock } from "./outer-lock.ts";
import { runSteps } from "./run.ts";
import { printJson, type Streams, say } from "./streams.ts";

export interface OneShot {
  readonly url: string;
  readonly steps: readonly Step[];
  readonly options: Options;
  readonly env: NodeJS.ProcessEnv;
  readonly streams: Streams;
  readonly credentials: Credentials;
  /** Shows rooms on the terminal as they change. */
  readonly live: (store: Store, rooms: readonly string[]) => Promise<void>;
}

/** Connects, runs the commands, and closes. Everything that goes wrong is said, nothing is thrown. */
export async function runOneShot(shot: OneShot): Promise<number> {
  const { options, streams, credentials, url } = shot;
  const note = noteTo(shot);
  let store: Store;
  try {
    store = await open(shot);
  } catch (error) {
    const { sentence, wire, exit } = explain(error);
    if (options.json) printJson(streams, { command: "connect", error: wire });
    if (sentence !== undefined) say(streams, sentence);
    return exit;
  }
  // After a restart of the server it is another one.
  store.on("session", ({ token }) => void credentials.save(url, options.user ?? null, token));
  store.on("state", (state, why) => {
    // The live view says so itself, and nobody else may write to its screen.
    if (state === "stale" && !isLive(shot)) note(`${why} Still waiting.`);
  });
  try {
    return await runSteps(shot.steps, store, {
      room: options.room,
      json: options.json,
      raw: options.raw,
      strict: options.strict,
      streams,
      note,
      progressOn: options.quiet || isPlain(shot.env) ? null : streams.stderr,
      live: shot.live,
      outerLock: readOuterLock(shot.env),
      readValue: (file) => readValue(file, streams.stdin),
      forgetToken: () => credentials.forget(url, options.user ?? null),
      passphrase: () => passphrase(shot),
    });
  } finally {
    store.close();
  }
}

async function open(shot: OneShot): Promise<Store> {
  const { url, steps, options, env, streams, credentials } = shot;
  const { deadlineMs, user, passwordFile } = options;
  const ca = await readCa(options.caFile);
  const passwordAtHand = () => secretAtHand({ file: passwordFile, variable: "KEYROOM_PASSWORD", env });
  // A watch may outlive what the server knows of its token.
  const spare =
    user !== undefined && (steps.at(-1)?.name === "watch" || isLive(shot)) ? await passwordAtHand() : undefined;
  return signIn({
    url,
    nameWanted: NAME_WANTED,
    user: user ?? null,
    credentials,
    dial: (identity) =>
      connect(url, {
        ...(spare !== undefined && { password: spare }),
        ...identity,
        retry: false,
        ...(deadlineMs !== undefined && { deadlineMs }),
        ...(ca !== undefined && { ca }),
      }),
    passwordAtHand,
    askPassword: canPrompt(streams) ? () => promptSecret(`Password of ${user ?? ""}`, streams) : undefined,
    say: noteTo(shot),
  });
}

function isLive({ steps }: OneShot): boolean {
  return steps.at(-1)?.name === "live";
}

/** Says what is no error. */
function noteTo({ options, streams }: OneShot): (sentence: string) => void {
  return (sentence) => {
    if (!options.quiet) say(streams, sentence);
  };
}

/** On a terminal it is asked for; an open server needs none, so elsewhere going without is worth the try. */
async function passphrase({ options, env, streams }: OneShot): Promise<string | undefined> {
  const places = { file: options.passphraseFile, variable: "KEYROOM_PASSPHRASE", env };
  const atHand = await secretAtHand(places);
  if (atHand !== undefined || !canPrompt(streams)) return atHand;
  const typed = await promptSecret("Manager passphrase (empty where none is needed)", streams);
  return typed === "" ? undefined : typed;
}
