import { roomTitle } from "../notices/notice-lines.ts";
import type { Watching } from "../notices/watching.ts";
import { type Entry, KeyroomError, type Room, type Store } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { DURATION_FORMS, readDuration } from "../terminal/duration.ts";
import type { Command } from "./grammar.ts";
import { helpLines } from "./help.ts";
import { lockLines } from "./lock-lines.ts";
import type { Locking } from "./locking.ts";

/** What commands work with. */
export interface Context {
  readonly store: Store;
  readonly watching: Watching;
  readonly locking: Locking;
  /** Whether the answers are for people to read, and not for a program. */
  readonly isForPeople: boolean;
  readonly columns: number;
  /** The manager passphrase, or undefined to do without. */
  passphrase(): Promise<string | undefined>;
}

/** A command that leaves, and how. */
export type Leaving = "leave" | "log out";

/** Commands that need no server. */
const LOCAL: readonly Command["name"][] = ["help", "whoami", "watch", "unwatch", "exit", "q"];

export function needsServer({ name }: Command): boolean {
  return !LOCAL.includes(name);
}

/** Does what the command says; answers in lines, which may hold anything. @throws KeyroomError */
export async function execute(command: Command, context: Context): Promise<readonly string[] | Leaving> {
  const { store, watching, locking, isForPeople } = context;
  const { user, key = "", value = "", prefix = "", time = "", revision = "" } = command.words;
  const roomName = user ?? store.session.room;
  const room = user === undefined ? store : store.room(user);
  switch (command.name) {
    case "get": {
      const entry = await room.get(key);
      return [entry?.value ?? (isForPeople ? "key not found" : "")];
    }
    case "put":
      await watching.write(roomName, () => room.put(key, value));
      return ["done"];
    case "delete": {
      const { existed } = await watching.write(roomName, () => room.delete(key));
      return [existed ? "done" : "key not found"];
    }
    case "list":
      return listed(room, prefix, isForPeople);
    case "touch": {
      const { existed } = await room.touch(key, lifetime(time));
      return [existed ? "done" : "key not found"];
    }
    case "undo": {
      const undone = await watching.write(roomName, () => room.undo(revisionOf(revision)));
      return [undone.revision === null ? "nothing was changed then that could be taken back" : "done"];
    }
    case "lock":
      return locking.lock(command.keys, "exclusive");
    case "lock-shared":
      return locking.lock(command.keys, "shared");
    case "unlock":
      await locking.unlock(command.keys);
      return ["done"];
    case "locks":
      return lockLines(await room.locks(), isForPeople);
    case "rooms":
      return roomsOf(store, isForPeople);
    case "watch":
      return watch(roomName, context);
    case "unwatch":
      return unwatch(user, context);
    case "whoami":
      return [`${store.session.user} ${store.session.role}`];
    case "sudo-su-manager":
      return upgrade(context);
    case "help":
      return helpLines(context.columns);
    case "logout":
      await store.logout();
      return "log out";
    case "exit":
    case "q":
      return "leave";
  }
}

function lifetime(time: string): number | null {
  const ms = time === "never" ? null : readDuration(time);
  if (ms !== undefined) return ms;
  throw new KeyroomError("invalid", `"${time}" is no time: write ${DURATION_FORMS}, or never.`);
}

function revisionOf(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new KeyroomError("invalid", `"${text}" is no revision, which is a whole number.`);
}

/** People get a page. */
async function listed(room: Room, prefix: string, isForPeople: boolean): Promise<readonly string[]> {
  const keys: string[] = [];
  let after: Pick<Entry, "key"> | undefined;
  for (;;) {
    const page = await room.list({ prefix, ...(after !== undefined && { after: after.key }) });
    keys.push(...page.entries.map(({ key }) => key));
    after = page.entries.at(-1);
    if (!page.more) return keys.length === 0 && isForPeople ? ["no keys"] : keys;
    if (isForPeople) return [...keys, `And more. To see fewer: list ${keys.at(-1)?.slice(0, 1) ?? "PREFIX"}`];
  }
}

async function roomsOf(store: Store, isForPeople: boolean): Promise<readonly string[]> {
  const lines: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await store.rooms(after === undefined ? {} : { after });
    for (const { room, keys, online } of page.rooms) {
      const more = ` (${counted(keys, "key")}${online ? ", online" : ""})`;
      lines.push(isForPeople ? room + more : room);
    }
    after = page.rooms.at(-1)?.room;
    if (!page.more) return lines;
    if (isForPeople) return [...lines, "And more."];
  }
}

function watch(room: string, { store, watching }: Context): readonly string[] {
  if (watching.covers(room)) return [`You are told of changes in ${roomTitle(room, store.session.user)} already.`];
  watching.open(room);
  return store.state === "connected" ? [] : ["It begins when the server is back."];
}

function unwatch(user: string | undefined, { store, watching }: Context): readonly string[] {
  const { rooms } = watching;
  const me = store.session.user;
  if (rooms.length === 0) return ["You watch nothing."];
  if (user !== undefined && !rooms.includes(user)) {
    const all = rooms.includes(ALL_ROOMS) ? " You watch all rooms: unwatch ends that." : "";
    return [`You do not watch ${roomTitle(user, me)} by itself.${all}`];
  }
  for (const room of user === undefined ? rooms : [user]) watching.close(room);
  return [`Not watching ${user === undefined ? "any room" : roomTitle(user, me)} any more.`];
}

async function upgrade({ store, isForPeople, passphrase }: Context): Promise<readonly string[]> {
  if (store.session.role === "manager") return ["You are a manager already."];
  const role = await store.upgrade(await passphrase());
  // People are told by the change of the role itself.
  return isForPeople ? [] : [`You are a ${role} now.`];
}
