/** The command lines of `help`, `completion` and `doctor`, and of `--help` and `--version`. */
import { didYouMean } from "../terminal/suggest.ts";
import { type Address, isPort, readAddress, takeServer } from "./address.ts";
import { COMMANDS, isCommand } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { isLocal, LOCAL, type LocalName, SHELLS, type Shell } from "./local-commands.ts";
import { type Options, type RawOptions, readOptions, takeOptions } from "./options.ts";
import { findProfile, profileName } from "./profile-arguments.ts";
import type { Words } from "./words.ts";

export type Topic = keyof typeof COMMANDS | LocalName;

export type LocalInvocation =
  | { readonly kind: "help"; readonly topic?: Topic }
  | { readonly kind: "version" }
  | { readonly kind: "completion"; readonly shell: Shell }
  | { readonly kind: "doctor"; readonly server: Address; readonly options: Options };

/** What is asked of the program and not of a server. */
export function aboutItself(raw: RawOptions, topic?: Topic): LocalInvocation | undefined {
  if (raw.has("--help")) return { kind: "help", ...(topic !== undefined && { topic }) };
  return raw.has("--version") ? { kind: "version" } : undefined;
}

/**
 * Undefined where the words begin with none of these, but with a host: behind a host comes a port.
 * @throws UsageError
 */
export function readLocal(words: Words, raw: RawOptions, env: NodeJS.ProcessEnv): LocalInvocation | undefined {
  const [first, second] = [words.peek(), words.peek(1)];
  if (isTopic(first) && ["--help", "-h"].includes(second ?? "") && words.peek(2) === undefined) {
    return { kind: "help", topic: first };
  }
  if (isPort(second)) return undefined;
  switch (first) {
    case "help":
      return readHelp(words, raw);
    case "completion":
      return readCompletion(words, raw);
    case "doctor":
      return readDoctor(words, raw, env);
    default:
      return undefined;
  }
}

function readHelp(words: Words, raw: RawOptions): LocalInvocation {
  const [, topic] = takeAll(words, raw, 2);
  if (topic === undefined || isTopic(topic)) return { kind: "help", ...(topic !== undefined && { topic }) };
  const known = [...Object.keys(COMMANDS), ...Object.keys(LOCAL)];
  throw new UsageError(`There is no command "${topic}".${didYouMean(topic, known)}`);
}

function readCompletion(words: Words, raw: RawOptions): LocalInvocation {
  const [, name] = takeAll(words, raw, 2);
  const asked = aboutItself(raw, "completion");
  if (asked !== undefined) return asked;
  const shell = SHELLS.find((it) => it === name);
  if (shell !== undefined) return { kind: "completion", shell };
  throw new UsageError("completion needs the name of a shell: keyroom completion bash, zsh or fish.");
}

function readDoctor(words: Words, raw: RawOptions, env: NodeJS.ProcessEnv): LocalInvocation {
  words.take();
  takeOptions(words, raw);
  const named = profileName(words, raw, env, isCommand);
  const given = named === undefined ? takeServer(words, raw) : undefined;
  takeOptions(words, raw);
  const asked = aboutItself(raw, "doctor");
  if (asked !== undefined) return asked;
  if (words.peek() !== undefined)
    throw new UsageError(`doctor takes HOST PORT and nothing more, not "${words.peek()}".`);
  const profile = named === undefined ? undefined : findProfile(named, env);
  const server = profile ?? given;
  if (server === undefined) throw new UsageError("doctor needs a server: keyroom doctor HOST PORT.");
  const options = readOptions(raw, env, profile);
  return { kind: "doctor", server: readAddress(server.host, String(server.port), options.secure), options };
}

/** All words, at most so many, with options anywhere among them. */
function takeAll(words: Words, raw: RawOptions, most: number): readonly string[] {
  const taken: string[] = [];
  for (let word = words.take(); word !== undefined; word = words.take()) {
    taken.push(word);
    takeOptions(words, raw);
  }
  if (taken.length > most) throw new UsageError(`${taken[0]} takes one word, not also "${taken[most]}".`);
  return taken;
}

function isTopic(word: string | undefined): word is Topic {
  return isLocal(word) || (word !== undefined && isCommand(word));
}
