/** The older doors, and where the older systems listened. */
export const USUAL_PORTS = { "tcp-text": 1601, "ws-text": 1603, "ws-json": 8008, files: 9000 } as const;

export type DoorName = keyof typeof USUAL_PORTS;

/** In the order in which they open. */
export const DOOR_NAMES = Object.keys(USUAL_PORTS) as readonly DoorName[];

/** The flag that opens a door. */
export function flagOf(name: DoorName): string {
  return `--${name}-port`;
}
