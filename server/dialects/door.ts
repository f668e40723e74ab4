/** What the older doors have in common. */
import type { Clock } from "../domain/clock.ts";
import type { Domain } from "../domain/domain.ts";
import type { Log } from "../domain/log.ts";

export interface DoorParts {
  readonly domain: Domain;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Whether a request with these `Origin` and `Host` headers may come in; one without an origin is no browser's. */
  readonly isOriginAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  /** Where uploaded files go; undefined for a fresh temporary folder. */
  readonly filesDir: string | undefined;
}

/** A door that listens. */
export interface RunningDoor {
  readonly host: string;
  readonly port: number;
  /** Takes nothing new, answers what is under way and closes all its connections, within some seconds. Idempotent. */
  close(): Promise<void>;
}

/** Rejects with the system's error where the port cannot be had. */
export type OpenDoor = (parts: DoorParts) => Promise<RunningDoor>;
