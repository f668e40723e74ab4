import type { connect, Store } from "../sdk/index.ts";
import type { Credentials } from "../terminal/credentials.ts";
import type { Io } from "../terminal/io.ts";
import type { KeptWatches } from "../terminal/kept-watches.ts";
import type { Profile } from "../terminal/profiles.ts";

export interface MenuOptions {
  /** Asked for when missing, like the port and the user. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** Whose room a manager works in to begin with. @default the user's own */
  readonly room?: string;
  /** Tried before one is asked for, at the first sign-in with a name. */
  readonly password?: string;
  /**
   * Whether to speak TLS.
   * @default false
   */
  readonly secure?: boolean;
  /** A file of PEM certificates to trust beside the system's. */
  readonly caFile?: string;
  /** The servers to choose from where none was given. @default none */
  readonly profiles?: () => readonly Profile[];
  /** Keeps from one sign-in to the next which rooms are watched, and how far they were told. @default nobody does */
  readonly keepWatches?: (server: string, store: Store, warn: (sentence: string) => void) => KeptWatches;
  /**
   * For screen readers and terminals without a cursor: lines that are added at the end, and numbered choices.
   * @default false
   */
  readonly plain?: boolean;
  readonly io: Io;
  readonly credentials: Pick<Credentials, "find" | "save" | "forget" | "alone">;
  /** @default the SDK's */
  readonly connect?: typeof connect;
}
