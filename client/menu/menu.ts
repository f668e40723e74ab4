import type { Notice } from "../notices/notice.ts";
import { noticeLines } from "../notices/notice-lines.ts";
import { ALL_ROOMS } from "../notices/watching.ts";
import { KeyroomError, type Store } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { Back, Interrupted } from "../terminal/question.ts";
import type { Action } from "./action.ts";
import { Conversation } from "./conversation.ts";
import { header } from "./header.ts";
import { DELETE, GET, PUT } from "./key-actions.ts";
import { Leaving, LOG_OUT, QUIT } from "./leave-actions.ts";
import { LIST } from "./list-action.ts";
import type { MenuOptions } from "./options.ts";
import { DEMOTE, PROMOTE, UPGRADE } from "./role-actions.ts";
import { ENTER_ROOM, LEAVE_ROOM } from "./room-actions.ts";
import { MenuSession, SessionEnded } from "./session.ts";
import { settle } from "./settle.ts";
import { SignIn } from "./sign-in.ts";
import { announce, complain, tell } from "./tone.ts";
import { UNWATCH, WATCH } from "./watch-actions.ts";

export type { MenuOptions } from "./options.ts";

/**
 * The menu: signs in, works, and signs in again after a logout, until the user quits.
 * @returns the exit code: 0, or 130 after Ctrl-C
 */
export async function runMenu(options: MenuOptions): Promise<number> {
  editLinesOnDumbTerminals();
  const talk = new Conversation(options.io);
  const signIn = new SignIn(options, talk);
  try {
    for (;;) {
      const store = await signIn.run();
      if ((await work(store, signIn, talk)) === "quit") return 0;
    }
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
}

/**
 * Where TERM is `dumb`, Node's line editor knows no Backspace: it would become part of keys and passwords.
 * Prompts move the cursor in any case, so that all that is left of `dumb` is that it has no colours.
 */
function editLinesOnDumbTerminals(): void {
  if (process.env["TERM"] !== "dumb") return;
  process.env["TERM"] = "";
  process.env["NO_COLOR"] = "1";
}

/** One session, from the greeting to its end. */
async function work(store: Store, signIn: SignIn, talk: Conversation): Promise<"quit" | "sign in"> {
  const show = (notices: readonly Notice[]) => {
    for (const line of noticeLines(notices, store.session.user, talk.columns)) talk.print(line);
  };
  const session = new MenuSession(store, (news) => announce(talk, news), show);
  const stopKeeping = store.on("session", ({ token }) => void signIn.keep(token));
  try {
    await signIn.keep(store.session.token);
    tell(talk, greeting(store));
    return await talk.within(session.ended, () => loop(session, signIn, talk));
  } catch (error) {
    if (error instanceof Leaving && error.how === "quit") return "quit";
    if (error instanceof Leaving) await signIn.forget();
    else if (error instanceof SessionEnded) announce(talk, `Signed out. ${error.message}`);
    else throw error;
    return "sign in";
  } finally {
    stopKeeping();
    session.leave();
  }
}

async function loop(session: MenuSession, signIn: SignIn, talk: Conversation): Promise<never> {
  const view = () => ({ header: header(session, signIn.server, talk.columns), choices: choicesOf(session) });
  for (;;) {
    const action = await choose(session, () => talk.menu(view, (changed) => session.onChange(changed)));
    const { room } = session;
    talk.gap();
    try {
      await action?.run({ talk, session });
    } catch (error) {
      if (error instanceof KeyroomError) await settle(talk, room, complain(talk, error));
      else if (!(error instanceof Back)) throw error;
    }
  }
}

/** Esc leads back to one's own room. */
async function choose(session: MenuSession, ask: () => Promise<string>): Promise<Action | undefined> {
  try {
    const name = await ask();
    return choicesOf(session).find((action) => action.name === name);
  } catch (error) {
    if (!(error instanceof Back)) throw error;
    return session.others === null ? undefined : LEAVE_ROOM;
  }
}

/** What the user may do now; what the role does not allow is not offered. */
function choicesOf({ role, others, watching, store }: MenuSession): readonly Action[] {
  const hasMore = !watching.covers(role === "guest" ? store.session.room : ALL_ROOMS);
  const watches = [...(hasMore ? [WATCH] : []), ...(watching.rooms.length > 0 ? [UNWATCH] : [])];
  const keys = [GET, PUT, DELETE, LIST, ...watches];
  const end = [LOG_OUT, QUIT];
  if (role === "guest") return [...keys, UPGRADE, ...end];
  return [...keys, ...(others === null ? [] : [LEAVE_ROOM]), ENTER_ROOM, PROMOTE, DEMOTE, ...end];
}

function greeting({ session: { user, role } }: Store): string {
  return `Signed in as ${printable(user)}, a ${role}.`;
}
