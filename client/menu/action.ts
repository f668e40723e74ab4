import type { MenuSession } from "./session.ts";
import type { Choice, Talk } from "./talk.ts";
import type { Workroom } from "./workroom.ts";

/** What an action works with. */
export interface Context {
  readonly talk: Talk;
  readonly session: MenuSession;
  /** The room worked in when the action was chosen. */
  readonly room: Workroom;
}

/** One entry of the menu. */
export interface Action extends Choice {
  /** @throws KeyroomError, LocalError, Back, Interrupted, Leaving, SessionEnded: all handled by the menu */
  readonly run: (context: Context) => Promise<void>;
}
