import { Back } from "../terminal/question.ts";
import type { Action, Context } from "./action.ts";
import { Leaving } from "./leaving.ts";
import { tell } from "./tone.ts";

function leaving(how: Leaving["how"]): Action["run"] {
  return async (context) => {
    if (await mayLeave(context)) throw new Leaving(how);
  };
}

/** What is queued here is nowhere else. */
async function mayLeave({ talk, session: { writes } }: Context): Promise<boolean> {
  if (writes.open === 0) return true;
  const what = writes.open === 1 ? "A write is" : `${writes.open} writes are`;
  const isSure = await talk.confirm(`${what} not sent or not answered yet. Leave, and not know?`);
  if (!isSure) tell(talk, "Stayed.");
  return isSure;
}

const group = "program";

export const ELSEWHERE: Action = {
  group,
  name: "switch server",
  key: "s",
  hint: "go to another server or sign in as somebody else",
  run: leaving("elsewhere"),
};

export const LOG_OUT: Action = {
  group,
  name: "log out",
  key: "lo",
  hint: "end this sign-in here and on the server",
  run: async (context) => {
    if (!(await mayLeave(context))) return;
    const { talk, session } = context;
    try {
      await talk.wait("Logging out", session.logout());
    } catch (error) {
      if (error instanceof Back) tell(talk, "Still logging out: you are signed out as soon as the server answers.");
      throw error;
    }
  },
};

export const QUIT: Action = {
  group,
  name: "quit",
  key: "q",
  hint: "stay signed in on this computer",
  run: leaving("quit"),
};
