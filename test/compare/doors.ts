/** What is compared: each way in, in the order of the report. */
import { completeConfig, type DoorName, USUAL_PORTS } from "../../server/config.ts";

export const DOOR_IDS = [
  "tcp-text",
  "tcp-silence",
  "ws-text",
  "ws-json",
  "sio-polling",
  "sio-websocket",
  "sdk",
] as const;
export type DoorId = (typeof DOOR_IDS)[number];

/** As whom a client works. The JSON door has no users: all its connections work in one room that they share. */
export type Role = "guest" | "manager" | "shared";

export interface Door {
  readonly name: string;
  /** The older door it comes in at; null for Socket.IO. */
  readonly at: DoorName | null;
  readonly usualPort: number;
  readonly roles: readonly Role[];
  /** Whether a manager can put into another's room. */
  readonly putsElsewhere: boolean;
  /** Whether the server tells of changes unasked. */
  readonly isPushed: boolean;
  /** Whether several operations can be under way on one connection. */
  readonly pipelines: boolean;
}

const TEXT = { roles: ["guest", "manager"], putsElsewhere: false, isPushed: false, pipelines: true } as const;
const SOCKET_IO = {
  at: null,
  usualPort: completeConfig({}).port,
  roles: ["guest", "manager"],
  putsElsewhere: true,
  isPushed: true,
  pipelines: true,
} as const;

/** A door's name behind `over`. */
export function inSentence(door: DoorId): string {
  return door === "sdk" ? "the SDK" : DOORS[door].name;
}

export const DOORS: Readonly<Record<DoorId, Door>> = {
  "tcp-text": { ...TEXT, name: "TCP text", at: "tcp-text", usualPort: USUAL_PORTS["tcp-text"] },
  "tcp-silence": {
    ...TEXT,
    name: "TCP text by silence",
    at: "tcp-text",
    usualPort: USUAL_PORTS["tcp-text"],
    // What is sent without waiting would be one message.
    pipelines: false,
  },
  "ws-text": { ...TEXT, name: "WebSocket text", at: "ws-text", usualPort: USUAL_PORTS["ws-text"] },
  "ws-json": {
    ...TEXT,
    name: "WebSocket JSON",
    at: "ws-json",
    usualPort: USUAL_PORTS["ws-json"],
    roles: ["shared"],
  },
  "sio-polling": { ...SOCKET_IO, name: "Socket.IO polling" },
  "sio-websocket": { ...SOCKET_IO, name: "Socket.IO WebSocket" },
  sdk: { ...SOCKET_IO, name: "SDK" },
};
