import type { Push } from "../../protocol/pushes.ts";
import type { Input, Output, RequestName } from "../../protocol/requests.ts";
import { authorizeGoverning, type Caller } from "../domain/access.ts";
import type { Accounts } from "../domain/accounts.ts";
import type { Directory } from "../domain/directory.ts";
import type { Roles } from "../domain/roles.ts";
import type { Rooms } from "../domain/rooms.ts";
import type { Sessions } from "../domain/sessions.ts";
import type { Peer } from "./peer.ts";

/** The parts of the domain that requests are for. */
export interface Domain {
  readonly accounts: Accounts;
  readonly directory: Directory;
  readonly roles: Roles;
  readonly rooms: Rooms;
  readonly sessions: Sessions;
}

/** Each request's call into the domain. Rejects with a KeyroomError; whatever else it rejects with is a fault. */
export type Handlers = {
  readonly [N in RequestName]: (caller: Caller, input: Input<N>, peer: Peer) => Promise<Output<N>>;
};

export function makeHandlers({ accounts, directory, roles, rooms, sessions }: Domain): Handlers {
  return {
    get: (caller, input) => rooms.get(caller, input),
    put: (caller, input) => rooms.put(caller, input),
    delete: (caller, input) => rooms.delete(caller, input),
    list: (caller, input) => rooms.list(caller, input),
    status: (caller, input) => rooms.status(caller, input),
    rooms: (caller, input) => directory.rooms(caller, input),
    upgrade: async (caller, { passphrase }, { address }) => ({
      role: await roles.upgrade(caller, passphrase, address),
    }),
    promote: async (caller, { user }) => {
      authorizeGoverning(caller);
      return { role: await roles.promote(user, caller.user) };
    },
    demote: async (caller, { user }) => {
      authorizeGoverning(caller);
      return { role: await roles.demote(user, caller.user) };
    },
    logout: async (_caller, _input, peer) => {
      const { account, tokenHash } = peer.session;
      accounts.revokeToken(tokenHash);
      for (const session of sessions.ofUser(account.name)) {
        if (session.tokenHash !== tokenHash) continue;
        sessions.end(session);
        // The caller's own connection is closed behind the answer.
        if (session.connection !== peer) session.connection?.close(SIGNED_OUT);
      }
      await accounts.save();
      return {};
    },
  };
}

export const SIGNED_OUT: Push<"bye"> = {
  code: "unauthenticated",
  message: "You have logged out; the token is worthless now.",
  retryable: false,
  afterMs: 0,
};
