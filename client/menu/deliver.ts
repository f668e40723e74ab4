import { Back } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import { tell } from "./tone.ts";
import type { Written } from "./writes.ts";

/**
 * Waits for a write as long as the server is there and the user wants to; then the write is queued, and its end is told
 * when it comes.
 * @param what the write, as in "put city"
 * @param sentence what to say when it is done
 * @throws KeyroomError when it fails before that, Interrupted
 */
export async function deliver<T extends Written>(
  { talk, session, room }: Context,
  what: string,
  write: Promise<T>,
  sentence: (done: T) => string,
): Promise<void> {
  const lost = session.connectionLost();
  try {
    const done = await talk.wait("Saving", Promise.race([write, lost.promise]));
    if (done !== null) return tell(talk, sentence(done));
    tell(talk, `Queued: ${what}. It is sent when the server is back.`);
  } catch (error) {
    if (!(error instanceof Back)) throw error;
    tell(talk, `Still on its way: ${what}. Its end will be told here.`);
  } finally {
    lost.stop();
  }
  void session.writes.follow(what, room.keys, write);
}
