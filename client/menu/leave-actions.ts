import type { Action } from "./action.ts";

/** How the work in a session ends when the user ends it; thrown by these two actions. */
export class Leaving extends Error {
  readonly how: "quit" | "logged out";

  constructor(how: Leaving["how"]) {
    super(how);
    this.how = how;
  }
}

export const LOG_OUT: Action = {
  name: "log out",
  hint: "end this sign-in here and on the server",
  run: async ({ talk, session }) => {
    await talk.wait("Logging out", session.logout());
    throw new Leaving("logged out");
  },
};

export const QUIT: Action = {
  name: "quit",
  hint: "stay signed in on this computer",
  run: async () => {
    throw new Leaving("quit");
  },
};
