/** The user ends the work in a session. */
export class Leaving extends Error {
  readonly how: "quit" | "logged out" | "elsewhere";

  constructor(how: Leaving["how"]) {
    super(how);
    this.how = how;
  }
}

/** The session is over, and not by this menu; the message says why. */
export class SessionEnded extends Error {}
