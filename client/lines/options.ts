import type { ConnectOptions, connect } from "../sdk/index.ts";
import type { Credentials } from "../terminal/credentials.ts";

/** What line mode needs of whoever starts it, on a terminal and in a pipe. */
export interface LinesOptions {
  readonly url: string;
  /** Without one, a terminal is asked and a pipe is an anonymous guest. */
  readonly user?: string;
  /** What is the same for each sign-in. */
  readonly connection: Pick<ConnectOptions, "ca" | "deadlineMs">;
  readonly credentials: Pick<Credentials, "find" | "save" | "forget" | "alone">;
  /** That of `user`, as far as it needs no asking. */
  passwordAtHand(): Promise<string | undefined>;
  /** The manager passphrase, as far as it needs no asking. */
  passphraseAtHand(): Promise<string | undefined>;
  /** @default the SDK's */
  readonly connect?: typeof connect;
}
