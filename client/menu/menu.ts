import { KeyroomError } from "../../protocol/errors.ts";
import type { Notice } from "../notices/notice.ts";
import { eachLine, noticeLines } from "../notices/notice-lines.ts";
import type { Store } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { Back, Interrupted } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import { actionsFor } from "./actions.ts";
import { commandAction } from "./command-action.ts";
import { header } from "./header.ts";
import { Leaving, SessionEnded } from "./leaving.ts";
import { letGo } from "./let-go.ts";
import { liveAction } from "./live-action.ts";
import { LiveTalk } from "./live-talk.ts";
import type { MenuOptions } from "./options.ts";
import { PlainTalk } from "./plain-talk.ts";
import { LEAVE_ROOM } from "./room-actions.ts";
import { MenuSession } from "./session.ts";
import { settle } from "./settle.ts";
import { SignIn } from "./sign-in.ts";
import type { Talk } from "./talk.ts";
import { announce, complain, tell } from "./tone.ts";

export type { MenuOptions } from "./options.ts";

/** At most so many lines of news in the menu. */
const FEED_LINES = 6;

/**
 * The menu: signs in, works, and signs in again after a logout, until the user quits.
 * @returns the exit code: 0, or 130 after Ctrl-C
 */
export async function runMenu(options: MenuOptions): Promise<number> {
  const talk = options.plain === true ? new PlainTalk(options.io) : new LiveTalk(options.io);
  const signIn = new SignIn(options, talk);
  try {
    for (;;) {
      const store = await signIn.run();
      const end = await endOf(work(store, signIn, talk, options));
      if (end instanceof SessionEnded) continue;
      if (end.how === "quit") return 0;
      await signIn.leave(end.how === "logged out");
    }
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
}

async function endOf(work: Promise<never>): Promise<Leaving | SessionEnded> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Leaving || error instanceof SessionEnded) return error;
    throw error;
  }
}

/** One session, from the greeting to its end, which it throws. */
async function work(store: Store, signIn: SignIn, talk: Talk, options: MenuOptions): Promise<never> {
  const show = (notices: readonly Notice[]): boolean => {
    // The open menu shows them itself.
    if (talk.showsFeed) return false;
    for (const line of noticeLines(notices, store.session.user, talk.columns)) talk.print(line);
    return true;
  };
  const kept = options.keepWatches?.(signIn.url, store, (sentence) => announce(talk, sentence)) ?? null;
  const session = new MenuSession(store, (news) => announce(talk, news), show, kept);
  tellEnd(session.ended, talk);
  const stopKeeping = store.on("session", ({ token }) => void signIn.keep(token));
  try {
    tell(talk, greeting(store));
    if (signIn.room !== undefined && session.role === "manager") session.enter(signIn.room);
    for (const { room, from } of kept?.earlier() ?? []) session.watching.open(room, from);
    return await talk.within(session.ended, () => loop(session, signIn, talk, options));
  } finally {
    await letGo(session, talk);
    stopKeeping();
    kept?.close();
    session.leave();
  }
}

/** At once, though whoever is typing may type on. */
function tellEnd(ended: AbortSignal, talk: Talk): void {
  const tellIt = () => {
    const reason: unknown = ended.reason;
    if (reason instanceof SessionEnded) announce(talk, `Signed out. ${reason.message}`);
  };
  if (ended.aborted) tellIt();
  else ended.addEventListener("abort", tellIt);
}

async function loop(session: MenuSession, signIn: SignIn, talk: Talk, options: MenuOptions): Promise<never> {
  const special = { live: liveAction(options, signIn.server), command: commandAction(signIn.program) };
  const view = () => ({
    header: header(session, signIn.server, talk.columns),
    feed: feedLines(session, talk.columns),
    choices: actionsFor(session, special),
  });
  for (;;) {
    const name = await choose(session, () => talk.menu(view, (changed) => session.onChange(changed)));
    talk.gap();
    const context = { talk, session, room: session.room };
    try {
      await view()
        .choices.find((action) => action.name === name)
        ?.run(context);
    } catch (error) {
      if (!(error instanceof Back)) await trouble(context, error);
    }
  }
}

/** Esc leads back to one's own room. */
async function choose(session: MenuSession, ask: () => Promise<string>): Promise<string | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Back)) throw error;
    return session.room.others === null ? undefined : LEAVE_ROOM.name;
  }
}

/** Says what went wrong, and what became of a write where that is open. */
async function trouble(context: Context, error: unknown): Promise<void> {
  const { talk, room } = context;
  const known = complain(talk, error);
  if (!(known instanceof KeyroomError)) return;
  try {
    if (known.code === "not_found") await leaveIfGone(context);
    const outcome = await talk.wait("Asking what became of it", settle(room.keys, known));
    if (outcome !== null) tell(talk, outcome);
  } catch (unsettled) {
    if (!(unsettled instanceof Back)) complain(talk, unsettled);
  }
}

/** Nobody stays in a room that is not there any more. */
async function leaveIfGone({ talk, session, room }: Context): Promise<void> {
  if (room.others === null) return;
  const asked = room.keys.list({ limit: 1 }).then(
    () => false,
    (error: unknown) => error instanceof KeyroomError && error.code === "not_found",
  );
  if (!(await talk.wait("Looking whether the room is there", asked))) return;
  session.enter(null);
  tell(talk, "You are back in your own room.");
}

/** The last of the news that were not shown yet. */
function feedLines({ feed, store }: MenuSession, columns: number): readonly string[] {
  return eachLine(feed.fresh.slice(-FEED_LINES), store.session.user, columns);
}

function greeting({ session: { user, role } }: Store): string {
  return `Signed in as ${printable(user)}, a ${role}.`;
}
