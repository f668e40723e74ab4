import type { connect } from "../sdk/index.ts";
import type { Io } from "./io.ts";

/** The sign-ins that are kept on this computer; `null` is the anonymous guest's. */
export interface Credentials {
  find(server: string, user: string | null): Promise<string | undefined>;
  save(server: string, user: string | null, token: string): Promise<void>;
  forget(server: string, user: string | null): Promise<void>;
}

export interface MenuOptions {
  /** Asked for when missing, like the port and the user. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /**
   * Whether to speak TLS.
   * @default false
   */
  readonly secure?: boolean;
  /** PEM certificates to trust beside the system's. */
  readonly ca?: string;
  readonly io: Io;
  readonly credentials: Credentials;
  /** @default the SDK's */
  readonly connect?: typeof connect;
}
