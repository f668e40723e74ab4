import type { ClaimOptions, Room } from "../sdk/index.ts";
import { Back } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import { waitInstead } from "./in-the-way.ts";
import { tell } from "./tone.ts";
import type { Written } from "./writes.ts";

interface Delivery<T extends Written> {
  /** What the write, as in "put city". */
  readonly what: string;
  /** That it changes. */
  readonly key: string;
  /** Asks for the write. */
  readonly write: (keys: Room, claim: ClaimOptions) => Promise<T>;
  /** What to say when it is done. */
  readonly sentence: (done: T) => string;
}

/**
 * Waits for a write as long as the server is there and the user wants to; then the write is queued, and its end is told
 * when it comes. Where others have locked the key, the user may wait for them.
 * @returns whether it is done or queued: false where the user would not wait
 * @throws KeyroomError when it fails before that, Interrupted
 */
export async function deliver<T extends Written>(context: Context, delivery: Delivery<T>): Promise<boolean> {
  const { talk, session, room } = context;
  const { what, key, write, sentence } = delivery;
  const ask = (claim: ClaimOptions) => room.write((keys) => write(keys, claim));
  const follow = (asked: Promise<T>) => void session.writes.follow(what, room.keys, asked);
  try {
    const asked = ask({});
    const done = await begun(context, what, asked);
    if (done === null) follow(asked);
    else tell(talk, sentence(done));
    return true;
  } catch (error) {
    const done = await waitInstead(context, { keys: [key], ask, left: follow }, error);
    if (done !== null) tell(talk, sentence(done));
    return done !== null;
  }
}

/** Null where the user waits for it no longer. */
async function begun<T>({ talk, session }: Context, what: string, asked: Promise<T>): Promise<T | null> {
  const lost = session.connectionLost();
  try {
    const done = await talk.wait("Saving", Promise.race([asked, lost.promise]));
    if (done === null) tell(talk, `Queued: ${what}. It is sent when the server is back.`);
    return done;
  } catch (error) {
    if (!(error instanceof Back)) throw error;
    tell(talk, `Still on its way: ${what}. Its end will be told here.`);
    return null;
  } finally {
    lost.stop();
  }
}
