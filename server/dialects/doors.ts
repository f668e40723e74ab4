import * as v from "valibot";
import type { DoorParts, OpenDoor, RunningDoor } from "./door.ts";
import { MAX_FILES_CONNECTIONS, openFilesDoor } from "./files-door.ts";
import { MAX_CONNECTIONS } from "./listen.ts";
import { DOOR_NAMES, type DoorName, flagOf } from "./ports.ts";
import { openTcpText } from "./tcp-text.ts";
import { openWsJson } from "./ws-json.ts";
import { openWsText } from "./ws-text.ts";

const SystemError = v.fallback(v.object({ code: v.optional(v.string()), message: v.string() }), { message: "unknown" });

const OPENERS: Readonly<Record<DoorName, OpenDoor>> = {
  "tcp-text": openTcpText,
  "ws-text": openWsText,
  "ws-json": openWsJson,
  files: openFilesDoor,
};

/** Files and connections that each may have open. */
const OPEN_FILES: Readonly<Record<DoorName, number>> = {
  "tcp-text": MAX_CONNECTIONS,
  "ws-text": MAX_CONNECTIONS,
  "ws-json": MAX_CONNECTIONS,
  files: 2 * MAX_FILES_CONNECTIONS,
};

/** What the server has open beside its older doors: Socket.IO's connections, which are not limited, and its own files. */
const OTHER_FILES = 1_024;

export interface NamedDoor extends RunningDoor {
  readonly name: DoorName;
}

/** The port of each door that is to open. */
export type DoorPorts = Partial<Readonly<Record<DoorName, number>>>;

/** Opens all or none. Rejects with a sentence that names the flag of the door that does not open. */
export async function openDoors(ports: DoorPorts, parts: Omit<DoorParts, "port">): Promise<readonly NamedDoor[]> {
  const open: NamedDoor[] = [];
  try {
    for (const name of DOOR_NAMES) {
      const port = ports[name];
      if (port !== undefined) open.push({ name, ...(await openDoor(name, { ...parts, port })) });
    }
    return open;
  } catch (error) {
    await closeDoors(open);
    throw error;
  }
}

export async function closeDoors(doors: readonly NamedDoor[]): Promise<void> {
  await Promise.all(doors.map((door) => door.close()));
}

/**
 * A sentence for the operator where the doors let in more than the process may have open; null where all is well.
 * @param limit files and connections that the process may have open
 */
export function fewOpenFiles(doors: readonly DoorName[], limit: number): string | null {
  const connections = doors.reduce((sum, name) => sum + OPEN_FILES[name], 0);
  const needed = connections + OTHER_FILES;
  if (connections === 0 || limit >= needed) return null;
  return (
    `This process may have ${limit} files and connections open, and the older doors alone may come to ${connections}: ` +
    `when there are no more, nobody is let in by any door. Raise the limit to ${needed} before the start: ` +
    `\`ulimit -n ${needed}\` in the shell, \`LimitNOFILE=${needed}\` of a systemd service, ` +
    `\`--ulimit nofile=${needed}\` of a container.`
  );
}

async function openDoor(name: DoorName, parts: DoorParts): Promise<RunningDoor> {
  try {
    return await OPENERS[name](parts);
  } catch (error) {
    throw new Error(explain(error, name, parts), { cause: error });
  }
}

function explain(error: unknown, name: DoorName, { host, port }: DoorParts): string {
  const { code, message } = v.parse(SystemError, error);
  const flag = flagOf(name);
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host}, of the ${name} door, is taken. Stop what uses it, or choose another with ${flag}.`;
  }
  if (code === "EACCES") {
    return `Port ${port}, of the ${name} door, may not be used by this user. Choose one from 1024 up with ${flag}.`;
  }
  return `The ${name} door (${flag}) does not open: ${message}`;
}
