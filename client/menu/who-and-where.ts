import { UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { KeyroomError } from "../sdk/index.ts";
import { portNumber, serverUrl } from "../terminal/server-url.ts";
import type { Conversation } from "./conversation.ts";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export async function askServer(talk: Conversation, { host, port }: HostAndPort): Promise<HostAndPort> {
  const newHost = await talk.text({ message: "Server", default: host, validate: checkHost });
  const newPort = await talk.text({ message: "Port", default: String(port), validate: checkPort });
  return { host: newHost, port: portNumber(newPort) ?? port };
}

/** Null for an anonymous guest. */
export async function askUser(talk: Conversation, user: string | null): Promise<string | null> {
  const message = "Name (empty: anonymous guest)";
  const name = await talk.text({ message, validate: checkUser, ...(user === null ? {} : { default: user }) });
  return name === "" ? null : name;
}

function checkHost(host: string): true | string {
  if (serverUrl({ host, port: 1, secure: false }) !== undefined) return true;
  return "Give a name or an address, like localhost or 192.0.2.7; the port comes next.";
}

function checkPort(port: string): true | string {
  return portNumber(port) !== undefined || "A port is a number from 1 to 65535.";
}

function checkUser(name: string): true | string {
  if (name === "") return true;
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
