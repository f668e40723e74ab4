/** What the command line says of profiles: which one to use, and `profile add`, `list` and `remove`. */
import { resolve } from "node:path";
import { UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { variable } from "../terminal/environment.ts";
import { type Profile, ProfileName, profileFile, readProfiles } from "../terminal/profiles.ts";
import { didYouMean } from "../terminal/suggest.ts";
import { isPort, readAddress } from "./address.ts";
import { UsageError } from "./errors.ts";
import { type OptionName, type RawOptions, takeOptions } from "./options.ts";
import type { Words } from "./words.ts";

export type ProfileAction =
  | { readonly do: "add"; readonly profile: Profile }
  | { readonly do: "list"; readonly json: boolean }
  | { readonly do: "remove"; readonly name: string };

interface ActionSpec {
  /** Its own words. */
  readonly words: readonly string[];
  readonly options: readonly OptionName[];
}

const ACTIONS = {
  add: { words: ["NAME", "HOST", "PORT"], options: ["--user", "--room", "--tls", "--ca"] },
  list: { words: [], options: ["--json"] },
  remove: { words: ["NAME"], options: [] },
} as const satisfies Record<ProfileAction["do"], ActionSpec>;

/** Whether the words begin with `profile`, and it is no host: behind a host comes a port. */
export function isProfileAction(words: Words): boolean {
  return words.peek() === "profile" && !isPort(words.peek(1));
}

/** The words of such an action, options among them. */
export function takeActionWords(words: Words, raw: RawOptions): readonly string[] {
  const taken: string[] = [];
  for (let word = words.take(); word !== undefined; word = words.take()) {
    taken.push(word);
    takeOptions(words, raw);
  }
  return taken;
}

/** @throws UsageError, or KeyroomError for a name that nobody can have */
export function readProfileAction([, action = "", ...words]: readonly string[], raw: RawOptions): ProfileAction {
  if (!isAction(action)) {
    const wrong = action === "" ? "Say what to do about profiles" : `There is no "profile ${action}"`;
    const known = `There are: ${Object.keys(ACTIONS).map(usage).join("; ")}.`;
    throw new UsageError(`${wrong}. ${known} For a host called profile, put its port behind it.`);
  }
  const spec: ActionSpec = ACTIONS[action];
  const odd = [...raw.keys()].find((option) => !spec.options.includes(option));
  if (odd !== undefined) throw new UsageError(`profile ${action} has no use for ${odd}: leave it out.`);
  const [name = "", host = "", port = ""] = words;
  if (words.length !== spec.words.length) throw new UsageError(`It goes like this: keyroom ${usage(action)}.`);
  switch (action) {
    case "add":
      return { do: "add", profile: { ...newProfile(raw), name: parse(ProfileName, "NAME", name), ...at(host, port) } };
    case "list":
      return { do: "list", json: raw.has("--json") };
    case "remove":
      return { do: "remove", name };
  }
}

/** The name of the profile that takes the place of HOST PORT, if one does. `isCommand` tells what can stand behind it. */
export function profileName(
  words: Words,
  raw: RawOptions,
  env: NodeJS.ProcessEnv,
  isCommand: (word: string) => boolean,
): string | undefined {
  const [first, second] = [words.peek(), words.peek(1)];
  const namesServer = first !== undefined && !isCommand(first) && isPort(second);
  const chosen = raw.get("--profile");
  if (chosen !== undefined && namesServer) {
    throw new UsageError(`--profile takes the place of HOST PORT: leave it out, or ${first} ${second}.`);
  }
  // A variable for all runs gives way to what this one says.
  return chosen ?? (namesServer ? undefined : variable(env, "KEYROOM_PROFILE"));
}

/**
 * @throws UsageError when there is none of that name, LocalError when the file cannot be used
 */
export function findProfile(name: string, env: NodeJS.ProcessEnv): Profile {
  const profiles = readProfiles(profileFile(env));
  const found = profiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = profiles.map((profile) => profile.name);
  const there = names.length === 0 ? ` Make one: keyroom ${usage("add")}.` : ` There are: ${names.join(", ")}.`;
  throw new UsageError(`There is no profile "${name}".${didYouMean(name, names) || there}`);
}

function newProfile(raw: RawOptions): Partial<Profile> {
  const [user, room, ca] = [raw.get("--user"), raw.get("--room"), raw.get("--ca")];
  return {
    ...(user !== undefined && { user: parse(UserName, "--user", user) }),
    ...(room !== undefined && { room: parse(UserName, "--room", room) }),
    ...(raw.has("--tls") && { tls: true }),
    // It will be used from other folders, too.
    ...(ca !== undefined && { ca: resolve(ca) }),
  };
}

function at(host: string, port: string): Pick<Profile, "host" | "port"> {
  const address = readAddress(host, port, false);
  return { host: address.host, port: address.port };
}

function usage(action: string): string {
  return ["profile", action, ...(isAction(action) ? ACTIONS[action].words : [])].join(" ");
}

function isAction(action: string): action is ProfileAction["do"] {
  return Object.hasOwn(ACTIONS, action);
}
