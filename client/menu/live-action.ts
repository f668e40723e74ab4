import type { Action } from "./action.ts";
import type { MenuOptions } from "./options.ts";

/** All changes on a screen of their own, until the user comes back. */
export function liveAction({ io, plain = false }: Pick<MenuOptions, "io" | "plain">, server: string): Action {
  return {
    group: "rooms",
    name: "live view",
    key: "v",
    hint: "a screen of changes as they happen",
    run: async ({ talk, session }) => {
      const { store, watching, feed, role } = session;
      const watched = watching.rooms.length > 0 ? watching.rooms : [role === "manager" ? "*" : store.session.room];
      session.asCommand(["live", ...watched.flatMap((room) => ["--room", room])]);
      const { runLive } = await talk.wait("Opening the live view", import("../live/live.ts"));
      await talk.lend(() => runLive({ store, rooms: watched, server, io, end: session.ended, plain }));
      feed.read();
    },
  };
}
