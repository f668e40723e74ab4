import type { Conversation } from "./conversation.ts";
import type { Choice } from "./live-menu.ts";
import type { MenuSession } from "./session.ts";

/** What an action works with. */
export interface Context {
  readonly talk: Conversation;
  readonly session: MenuSession;
}

/** One entry of the menu. */
export interface Action extends Choice {
  /** @throws KeyroomError, Back, Interrupted, SessionEnded: all handled by the menu */
  readonly run: (context: Context) => Promise<void>;
}
