import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { DEFAULT_LIMITS, FIXED_LIMITS, type RoomLimits } from "../../protocol/limits.ts";
import { noAccountStore } from "../../server/adapters/accounts-file.ts";
import { systemClock } from "../../server/adapters/system-clock.ts";
import { type Account, Accounts } from "../../server/domain/accounts.ts";
import { Audiences } from "../../server/domain/audiences.ts";
import type { Clock } from "../../server/domain/clock.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { LockAudiences } from "../../server/domain/lock-audiences.ts";
import { Rooms } from "../../server/domain/rooms.ts";
import { Sessions } from "../../server/domain/sessions.ts";
import type { SignIn } from "../../server/domain/sign-in.ts";
import { Watches } from "../../server/domain/watches.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { Door } from "../../server/transport/door.ts";
import type { Handlers } from "../../server/transport/handlers.ts";
import { listen } from "../../server/transport/http.ts";
import { openSocketIo } from "../../server/transport/socket-io.ts";
import { type KeyroomSocket, SocketPeer } from "../../server/transport/socket-peer.ts";
import { readableLog } from "./readable-log.ts";

/** Handlers of which only those given are expected to be called. */
export function handlersWith(some: Partial<Handlers>): Handlers {
  const unexpected = () => Promise.reject(new Error("This request was not expected."));
  return {
    get: unexpected,
    read: unexpected,
    put: unexpected,
    delete: unexpected,
    write: unexpected,
    transact: unexpected,
    undo: unexpected,
    touch: unexpected,
    lock: unexpected,
    unlock: unexpected,
    locks: unexpected,
    list: unexpected,
    history: unexpected,
    status: unexpected,
    settle: unexpected,
    upgrade: unexpected,
    promote: unexpected,
    demote: unexpected,
    rooms: unexpected,
    watch: unexpected,
    unwatch: unexpected,
    watchers: unexpected,
    logout: unexpected,
    ...some,
  };
}

/** For the batches of a dispatcher: ann's room, and an engine of its own. */
export function someRooms(limits: Partial<RoomLimits> = {}): Rooms {
  const accounts = new Accounts(noAccountStore, Date.now);
  accounts.create("ann", "held");
  return new Rooms(new MemoryEngine(limits), accounts, new InFlight(), () => undefined);
}

export const ANN: Account = {
  name: "ann",
  kind: "password",
  role: "guest",
  passwordHash: null,
  tokens: [],
  kept: true,
  seenAt: 0,
};

/** A peer whose socket writes down what is done to it, and whose client takes what it is told to take. */
export function scriptedPeer(clock: Clock, protocol = 0) {
  const done: string[] = [];
  const transport = Object.assign(new EventEmitter(), { socket: { bufferedAmount: 0 } });
  const conn = Object.assign(new EventEmitter(), {
    close: (discard?: boolean) => done.push(discard === true ? "cut" : "close"),
    readyState: "open",
    transport,
  });
  /** From now on so many bytes wait to be taken. */
  const waiting = (bytes: number): void => {
    transport.socket.bufferedAmount = bytes;
    transport.emit("drain");
  };
  const socket = {
    emit: (name: string, payload: { code?: string }) => done.push(`${name} ${payload.code ?? ""}`.trim()),
    once: () => undefined,
    rooms: new Set(),
    conn,
  };
  /** The client is gone, whatever it had not taken. */
  const vanish = (): void => {
    conn.readyState = "closed";
    conn.emit("close");
  };
  const session = { account: ANN, client: "c".repeat(22), tokenHash: "", connection: null, ended: false };
  const welcome = { session, resumed: false, token: "", address: "192.0.2.1", protocol };
  return { done, session, vanish, waiting, peer: new SocketPeer(socket as unknown as KeyroomSocket, welcome, clock) };
}

/** The Socket.IO door with everybody let in as ann, and nothing of the domain behind it. */
export async function openBareDoor(handlers: Partial<Handlers> = {}) {
  const log = readableLog();
  const accounts = new Accounts(noAccountStore, Date.now);
  const sessions = new Sessions(systemClock, 60_000, () => undefined);
  const signIn: SignIn = async ({ user }) => {
    const account = accounts.find(user ?? "ann") ?? accounts.create(user ?? "ann", "held");
    const token = accounts.issueToken(account);
    return { account, token, tokenHash: token };
  };
  const engine = new MemoryEngine();
  const feedParts = {
    engine,
    audience: { say: () => undefined },
    clock: systemClock,
    log,
    endOfTurn: (run: () => void) => void setImmediate(run),
  };
  const watches = new Watches(accounts, feedParts, () => undefined);
  const audiences = new Audiences(systemClock, () => new Map());
  const http = createServer();
  const door = new Door({
    accounts,
    audiences,
    dispatcher: new Dispatcher(handlersWith(handlers), someRooms(), log),
    isClosing: () => false,
    lockAudiences: new LockAudiences(engine, accounts, sessions, new InFlight(), systemClock),
    sessions,
    signIn,
    terms: {
      accounts: "name",
      durability: "memory",
      graceMs: 60_000,
      limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS },
    },
    watches,
  });
  const origins = { allowed: [], loopbackOnly: true };
  const io = openSocketIo(http, { clock: systemClock, door, log, origins, trustProxy: false });
  const port = await listen(http, "127.0.0.1", 0);
  const close = async (): Promise<void> => {
    sessions.close();
    audiences.close();
    await io.close();
  };
  return { url: `http://127.0.0.1:${port}`, http, io, log, sessions, audiences, watches, close };
}
