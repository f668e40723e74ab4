import type { Input } from "../../protocol/inputs.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { RequestName } from "../../protocol/requests.ts";
import { authorizeGoverning, type Caller } from "../domain/access.ts";
import type { Domain } from "../domain/domain.ts";
import type { RoomRequest } from "../domain/room-plans.ts";
import type { Peer } from "./peer.ts";

/**
 * Each request's call into the domain. Rejects with a KeyroomError; whatever else it rejects with is a fault.
 * One whose answer must leave in a certain turn calls `answer` there, and resolves with nothing.
 */
export type Handler<N extends RequestName> = (
  caller: Caller,
  input: Input<N>,
  peer: Peer,
  answer: (value: Output<N>) => void,
) => Promise<Output<N> | undefined>;

/** The dispatcher itself takes batches apart. */
export type Handlers = { readonly [N in Exclude<RequestName, "batch">]: Handler<N> };

type OfRooms = RoomRequest | "status" | "settle";

/** What is about the keys of one room. */
export function roomHandlers(rooms: Domain["rooms"]): Pick<Handlers, OfRooms> {
  return {
    get: (caller, input) => rooms.ask("get", caller, input),
    read: (caller, input) => rooms.ask("read", caller, input),
    put: (caller, input) => rooms.ask("put", caller, input),
    delete: (caller, input) => rooms.ask("delete", caller, input),
    write: (caller, input) => rooms.ask("write", caller, input),
    transact: (caller, input) => rooms.ask("transact", caller, input),
    list: (caller, input) => rooms.ask("list", caller, input),
    history: (caller, input) => rooms.ask("history", caller, input),
    undo: (caller, input) => rooms.ask("undo", caller, input),
    touch: (caller, input) => rooms.ask("touch", caller, input),
    lock: (caller, input) => rooms.ask("lock", caller, input),
    unlock: (caller, input) => rooms.ask("unlock", caller, input),
    status: (caller, input) => rooms.status(caller, input),
    settle: (caller, input) => rooms.settle(caller, input),
  };
}

export function makeHandlers(domain: Domain): Handlers {
  const { accounts, audiences, directory, lockAudiences, roles, rooms, sessions, watches } = domain;
  return {
    ...roomHandlers(rooms),
    locks: (caller, input, peer) => lockAudiences.ask(caller, input, peer),
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
    watch: async (caller, input, peer, answer) => {
      await watches.watch(caller, peer, input, answer);
      return undefined;
    },
    unwatch: async (_caller, { watch }, peer) => {
      watches.unwatch(peer, watch);
      return {};
    },
    watchers: async ({ user }, _input, peer) => audiences.ask(peer, user),
    logout: async (_caller, _input, peer) => {
      const { account, tokenHash } = peer.session;
      accounts.revokeToken(tokenHash);
      for (const session of sessions.ofUser(account.name)) {
        if (session.tokenHash !== tokenHash) continue;
        sessions.end(session);
        // The caller's own connection is closed behind the answer.
        if (session.connection !== peer) session.connection?.dismiss(SIGNED_OUT);
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
