import type { MenuSession } from "./session.ts";
import type { Choice, Talk } from "./talk.ts";

/** What an action works with. */
export interface Context {
  readonly talk: Talk;
  readonly session: MenuSession;
}

/** One entry of the menu. */
export interface Action extends Choice {
  /** @throws KeyroomError, LocalError, Back, Interrupted, Leaving, SessionEnded: all handled by the menu */
  readonly run: (context: Context) => Promise<void>;
}
