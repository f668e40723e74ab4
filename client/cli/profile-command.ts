/** `profile add`, `list` and `remove`. */
import { pad, widthOf } from "../terminal/fit.ts";
import {
  addProfile,
  type Profile,
  profileFile,
  profileUrl,
  readProfiles,
  removeProfile,
} from "../terminal/profiles.ts";
import { readCa } from "../terminal/read-ca.ts";
import { findProfile, type ProfileAction } from "./profile-arguments.ts";
import { printJson, printLine, type Streams, say } from "./streams.ts";

/** @throws LocalError, or UsageError for a profile that does not exist */
export async function runProfile(action: ProfileAction, env: NodeJS.ProcessEnv, streams: Streams): Promise<void> {
  const file = profileFile(env);
  switch (action.do) {
    case "add":
      await readCa(action.profile.ca);
      await addProfile(file, action.profile);
      return say(streams, `Added to ${file}. Use it: keyroom --profile ${action.profile.name}`);
    case "list":
      if (action.json) return printJson(streams, { command: "profile list", profiles: readProfiles(file) });
      return list(readProfiles(file), streams);
    case "remove":
      findProfile(action.name, env);
      return removeProfile(file, action.name);
  }
}

function list(profiles: readonly Profile[], streams: Streams): void {
  if (profiles.length === 0) say(streams, "There are no profiles yet. Make one: keyroom profile add NAME HOST PORT");
  const columns = Math.max(...profiles.map(({ name }) => widthOf(name)));
  for (const profile of profiles) {
    printLine(streams, [pad(profile.name, columns), profileUrl(profile), ...details(profile)].join("  "));
  }
}

function details({ user, room, ca }: Profile): string[] {
  return [
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(room === undefined ? [] : [`room of ${room}`]),
    ...(ca === undefined ? [] : [`trusting ${ca}`]),
  ];
}
