import * as v from "valibot";
import type { DoorParts, OpenDoor, RunningDoor } from "./door.ts";
import { openFilesDoor } from "./files-door.ts";
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
