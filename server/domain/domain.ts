/** The parts of the domain, put together: all that a door needs, over an engine and whatever carries the pushes. */
import type { Engine } from "../engine/port.ts";
import { type Account, type AccountStore, Accounts } from "./accounts.ts";
import { Audiences } from "./audiences.ts";
import type { Clock } from "./clock.ts";
import { Directory } from "./directory.ts";
import { Guests } from "./guests.ts";
import { InFlight } from "./in-flight.ts";
import { Lifetimes } from "./lifetimes.ts";
import { LockAudiences } from "./lock-audiences.ts";
import type { Log } from "./log.ts";
import { Newcomers } from "./newcomers.ts";
import { type PasswordHasher, Passwords } from "./passwords.ts";
import { Roles, type UpgradePolicy } from "./roles.ts";
import { Rooms } from "./rooms.ts";
import { Sessions } from "./sessions.ts";
import { SharedRoom } from "./shared-room.ts";
import { nameSignIn, passwordSignIn, type SignIn } from "./sign-in.ts";
import { Throttle } from "./throttle.ts";
import { Watches } from "./watches.ts";
import type { Audience } from "./watching.ts";

export interface DomainParts {
  readonly engine: Engine;
  readonly audience: Audience;
  readonly clock: Clock;
  /** Calls back when this turn of the event loop has read all its input. */
  readonly endOfTurn: (run: () => void) => void;
  readonly log: Log;
  readonly store: AccountStore;
  /** The accounts of an earlier run. */
  readonly saved: readonly Account[];
  readonly accounts: "password" | "name";
  readonly anonymous: boolean;
  readonly hasher: PasswordHasher;
  readonly upgrade: UpgradePolicy;
  /** How long a session outlives its connection. */
  readonly graceMs: number;
}

export interface Domain {
  readonly accounts: Accounts;
  readonly audiences: Audiences;
  readonly directory: Directory;
  readonly lifetimes: Lifetimes;
  readonly lockAudiences: LockAudiences;
  readonly roles: Roles;
  readonly rooms: Rooms;
  readonly sessions: Sessions;
  readonly shared: SharedRoom;
  readonly signIn: SignIn;
  readonly watches: Watches;
}

export function makeDomain(parts: DomainParts): Domain {
  const { engine, clock, log } = parts;
  const accounts = new Accounts(parts.store, () => clock.now(), parts.saved);
  const throttle = new Throttle(clock);
  const newcomers = new Newcomers(clock);
  const guests = new Guests(accounts, newcomers, clock);
  const accepted = new InFlight();
  const lifetimes = new Lifetimes(accounts, guests, engine, accepted, clock, log);
  const sessions = new Sessions(clock, parts.graceMs, (session) => lifetimes.sessionEnded(session, sessions));
  const watches = new Watches(accounts, parts, (room) => audiences.changed(room));
  const audiences = new Audiences(clock, (room) => watches.watchersOf(room));
  accounts.onCreate = ({ name }) => watches.born(name);
  const lockAudiences = new LockAudiences(engine, accounts, sessions, accepted, clock);
  const roles = new Roles(accounts, parts.upgrade, throttle, log, async (account) => {
    const connections = sessions.ofUser(account.name).map(({ connection }) => connection);
    if (account.role === "guest") {
      // What still waits to be taken may be of other rooms: answers, and pushes also of watches that are over.
      for (const connection of connections) if (connection !== null && connection.backlog() > 0) connection.abort();
      watches.revoke(account.name);
      lockAudiences.revoke(account.name);
    }
    for (const connection of connections) connection?.push("role", { role: account.role });
    const revokeLocks = async (): Promise<void> => {
      if (account.role !== "guest") return;
      const all = sessions.ofUser(account.name);
      await Promise.all(all.map(({ client }) => engine.revokeLocks(client, account.name)));
    };
    // Behind what he has under way, as it may have taken one.
    await Promise.all([accounts.save(), accepted.idle(account.name).then(revokeLocks)]);
  });
  const directory = new Directory(accounts, sessions, engine, accepted);
  const rooms = new Rooms(engine, accounts, accepted, (client) => sessions.ownerOf(client));
  const shared = new SharedRoom(accounts, engine, log);
  const passwords = new Passwords(accounts, parts.hasher, throttle, newcomers);
  const signIn =
    parts.accounts === "name"
      ? nameSignIn(accounts)
      : passwordSignIn(accounts, passwords, parts.anonymous ? guests : null);
  return { accounts, audiences, directory, lifetimes, lockAudiences, roles, rooms, sessions, shared, signIn, watches };
}
