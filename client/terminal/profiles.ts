/** Profiles: servers by a name of one's own, in a file that may also be written by hand. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { KeyroomError } from "../../protocol/errors.ts";
import { RoomName, rule, UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { LocalError } from "./local-error.ts";
import { configFile } from "./places.ts";
import { serverUrl } from "./server-url.ts";
import { systemCode, systemReason } from "./system-reason.ts";
import { updateFile } from "./update-file.ts";

export const ProfileName = v.pipe(
  RoomName,
  rule((name) => !name.startsWith("-"), "The name of a profile does not begin with -. Choose another."),
);

/** Closed, so that neither a misspelt `tls` nor a password goes unnoticed: nothing in it is secret. */
const Profile = v.strictObject({
  name: ProfileName,
  host: v.pipe(
    v.string(),
    rule((host) => serverUrl({ host, port: 1, secure: false }) !== undefined, "A host is a name or an address."),
  ),
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535)),
  user: v.optional(UserName),
  /** Whose room is meant where none is named. */
  room: v.optional(UserName),
  tls: v.optional(v.boolean()),
  /** Path of a file of PEM certificates to trust, too; implies TLS. */
  ca: v.optional(v.string()),
});

/** A list, in the order in which they were added. */
const ProfileFile = v.strictObject({
  profiles: v.pipe(
    v.array(Profile),
    rule((all) => new Set(all.map(({ name }) => name)).size === all.length, "Two profiles have one name."),
  ),
});

export type Profile = Readonly<v.InferOutput<typeof Profile>>;

export function profileFile(env: NodeJS.ProcessEnv): string {
  return configFile(env, "profiles.json");
}

/**
 * All profiles, in the order in which they were added; none where there is no file.
 * @throws LocalError when it cannot be read or is damaged; the file stays as it is
 */
export function readProfiles(file: string): readonly Profile[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw new LocalError(`Cannot read the profiles in ${file}: ${systemReason(error)}.`);
  }
  try {
    return parse(ProfileFile, "It", JSON.parse(text)).profiles;
  } catch (error) {
    const why = error instanceof KeyroomError ? error.message : whyNotRead(text, error);
    throw new LocalError(`The profiles in ${file} are damaged. ${why} Mend the file, or move it away to begin anew.`);
  }
}

/** Without what the parser quotes of the file: nobody knows what stands there. */
function whyNotRead(text: string, error: unknown): string {
  const what = String(error);
  if (text.trim() === "") return "The file is empty.";
  if (what.includes("Unexpected end")) return "Its JSON ends too early.";
  const at = /at position (\d+)/.exec(what)?.[1];
  if (at === undefined) return "Its JSON has a word that is not in double quotes, or a wrong sign.";
  const lines = text.slice(0, Number(at)).split("\n");
  return `Its JSON is wrong at line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}.`;
}

/**
 * Adds one behind the others.
 * @throws LocalError when there is one of that name, or the file cannot be read or written
 */
export function addProfile(file: string, profile: Profile): Promise<void> {
  return change(file, (profiles) => {
    const there = profiles.find(({ name }) => name === profile.name);
    if (there === undefined) return [...profiles, profile];
    throw new LocalError(
      `There is a profile ${profile.name} already, for ${profileUrl(there)}. Choose another name, or remove it first.`,
    );
  });
}

/** @throws LocalError when the file cannot be read or written */
export function removeProfile(file: string, name: string): Promise<void> {
  return change(file, (profiles) => profiles.filter((profile) => profile.name !== name));
}

/** Where the server is. */
export function profileUrl({ host, port, tls, ca }: Profile): string {
  return serverUrl({ host, port, secure: tls === true || ca !== undefined }) ?? "";
}

async function change(file: string, to: (profiles: readonly Profile[]) => readonly Profile[]): Promise<void> {
  try {
    await updateFile(file, () => `${JSON.stringify({ profiles: to(readProfiles(file)) }, null, 2)}\n`);
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`Cannot write the profiles to ${file}: ${systemReason(error)}.`);
  }
}
