import { KeyroomError } from "../../protocol/errors.ts";
import { UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { printable } from "../terminal/printable.ts";
import { type Profile, profileUrl } from "../terminal/profiles.ts";
import { portNumber, serverUrl } from "../terminal/server-url.ts";
import type { Talk } from "./talk.ts";

/** Where a server is, and how one gets there. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /** A file of PEM certificates to trust beside the system's. */
  readonly caFile?: string | undefined;
  /** Who one is there, where that is known. */
  readonly user?: string | undefined;
  /** Whose room a manager works in. */
  readonly room?: string | undefined;
}

/** Chosen to type a server. No profile's name: those have no spaces. */
const ANOTHER = "another server";
/** Chosen to try the last one again; no profile's name either. */
const AGAIN = "the same server";

/** Nobody can be called so. */
const NOBODY = "*";

/**
 * Among the profiles, if there are any; else, or if none of them is wanted, by its host and port.
 * @param before what is proposed then
 * @param last where one has been, to go there once more; null at first
 */
export async function askPlace(
  talk: Talk,
  profiles: readonly Profile[],
  before: Place,
  last: Place | null,
): Promise<Place> {
  if (profiles.length === 0) return askServer(talk, before);
  const suggestions = profiles.map((profile) => ({
    value: profile.name,
    name: printable(profile.name),
    description: printable(`${profileUrl(profile)}${profile.user === undefined ? "" : `, as ${profile.user}`}`),
  }));
  const again = last === null ? [] : [{ value: AGAIN, name: `${last.host}:${last.port}`, description: "once more" }];
  const another = { value: ANOTHER, name: ANOTHER, description: "by its name or address, and its port" };
  const chosen = await talk.search("Which server", async (typed) =>
    [...again, ...suggestions, another].filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase())),
  );
  if (last !== null && chosen === AGAIN) return last;
  const profile = profiles.find(({ name }) => name === chosen);
  return profile === undefined ? askServer(talk, before) : placeOf(profile);
}

function placeOf({ host, port, tls, ca, user, room }: Profile): Place {
  return { host, port, secure: tls === true || ca !== undefined, caFile: ca, user, room };
}

async function askServer(talk: Talk, { user: _user, room: _room, ...before }: Place): Promise<Place> {
  const { host, port } = before;
  const newHost = await talk.text({ message: "Server", default: host, validate: checkHost });
  const newPort = await talk.text({ message: "Port", default: String(port), validate: checkPort });
  return { ...before, host: newHost, port: portNumber(newPort) ?? port };
}

/** Null for an anonymous guest, who is asked for in another way where Enter alone means the name from before. */
export async function askUser(talk: Talk, user: string | null): Promise<string | null> {
  const nobody = user === null ? "" : NOBODY;
  const name = await talk.text({
    message: `Name (${user === null ? "empty" : NOBODY}: anonymous guest)`,
    validate: (name) => name === nobody || checkUser(name),
    ...(user !== null && { default: user }),
  });
  return name === nobody ? null : name;
}

function checkHost(host: string): true | string {
  if (serverUrl({ host, port: 1, secure: false }) !== undefined) return true;
  return "Give a name or an address, like localhost or 192.0.2.7; the port comes next.";
}

function checkPort(port: string): true | string {
  return portNumber(port) !== undefined || "A port is a number from 1 to 65535.";
}

function checkUser(name: string): true | string {
  try {
    parse(UserName, "A name", name);
    return true;
  } catch (error) {
    return error instanceof KeyroomError ? error.message : String(error);
  }
}

export function checkPassword(password: string): true | string {
  return password !== "" || "Type the password, or a new one if the name is new. Esc goes back to the name.";
}
