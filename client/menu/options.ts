import type { connect } from "../sdk/index.ts";
import type { Credentials } from "../terminal/credentials.ts";
import type { Io } from "../terminal/io.ts";

export interface MenuOptions {
  /** Asked for when missing, like the port and the user. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** Tried before one is asked for, at the first sign-in with a name. */
  readonly password?: string;
  /**
   * Whether to speak TLS.
   * @default false
   */
  readonly secure?: boolean;
  /** PEM certificates to trust beside the system's. */
  readonly ca?: string;
  readonly io: Io;
  readonly credentials: Pick<Credentials, "find" | "save" | "forget">;
  /** @default the SDK's */
  readonly connect?: typeof connect;
}
