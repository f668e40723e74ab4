import { styleText } from "node:util";
import type { ConnectionState } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { cut, flow } from "./fit.ts";
import type { MenuSession } from "./session.ts";

const STATES: Readonly<
  Record<ConnectionState, { readonly text: string; readonly colour: "green" | "yellow" | "red" }>
> = {
  connected: { text: "● connected", colour: "green" },
  reconnecting: { text: "○ reconnecting…", colour: "yellow" },
  closed: { text: "○ closed", colour: "red" },
};

/** Who one is, where one works, and whether the server is there, in as few lines as fit. */
export function header({ store, role, others }: MenuSession, server: string, columns: number): string {
  const user = cut(printable(store.session.user), columns - 1);
  const state = STATES[store.state];
  const room = others === null ? [] : [`in ${cut(printable(others), columns - 12)}'s room`];
  return flow([user, role, ...room, server, state.text], " · ", columns - 1)
    .join("\n")
    .replace(user, () => styleText("bold", user))
    .replace(state.text, () => styleText(state.colour, state.text));
}
