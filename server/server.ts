import { randomInt } from "node:crypto";
import type { Role } from "../protocol/fields.ts";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../protocol/limits.ts";
import type { Push } from "../protocol/pushes.ts";
import { noAccountStore, type OpenAccountsFile, openAccountsFile } from "./adapters/accounts-file.ts";
import { argon2 } from "./adapters/argon2.ts";
import { openFilesLimit } from "./adapters/open-files.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { type Config, completeConfig, type ServerOptions } from "./config.ts";
import { closeDoors, fewOpenFiles, type NamedDoor, openDoors } from "./dialects/doors.ts";
import { makeDomain } from "./domain/domain.ts";
import { OPERATOR, type UpgradePolicy } from "./domain/roles.ts";
import { MemoryEngine } from "./engine/memory/engine.ts";
import { Dispatcher } from "./transport/dispatch.ts";
import { Door } from "./transport/door.ts";
import { makeHandlers } from "./transport/handlers.ts";
import { createHttp, listen } from "./transport/http.ts";
import { isLoopback, isOriginAllowed } from "./transport/origin.ts";
import { closeSocketIo, openSocketIo } from "./transport/socket-io.ts";

export { KeyroomError } from "../protocol/errors.ts";
export { ConfigError, type ServerOptions } from "./config.ts";

/** A server that listens. */
export interface RunningServer {
  /** Like `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The older doors that are open, and where. */
  readonly doors: readonly Pick<NamedDoor, "name" | "host" | "port">[];
  /** The passphrase that makes managers; null where none is asked. */
  readonly managerPassphrase: string | null;
  /** Makes a user a manager; the operator's right. Rejects with a KeyroomError `not_found`. */
  promote(user: string): Promise<void>;
  /** Makes a manager a guest, even the last one. Rejects with a KeyroomError `not_found`. */
  demote(user: string): Promise<void>;
  /** Everybody who has an account. */
  users(): readonly { readonly name: string; readonly role: Role; readonly online: boolean }[];
  /** Deletes an account with its room, and closes its sessions for good. Rejects with a KeyroomError `not_found`. */
  deleteUser(user: string): Promise<void>;
  /** Answers what is under way, says `bye` to all clients and closes, within 5 s. Idempotent. */
  close(): Promise<void>;
}

/** Starts a server. Rejects with a ConfigError, or with the system's error where the port cannot be had. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const config = completeConfig(options);
  const file =
    config.accountsFile === undefined
      ? { saved: [], store: noAccountStore, close: () => undefined }
      : await openAccountsFile(config.accountsFile, config.log);
  try {
    return await serve(config, file);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function serve(config: Config, file: OpenAccountsFile): Promise<RunningServer> {
  const { log } = config;
  const clock = systemClock;
  const engine = new MemoryEngine(config.limits, clock);
  const upgrade = upgradePolicy(config);
  const domain = makeDomain({
    accounts: config.accounts,
    anonymous: config.anonymous,
    audience: { say: (channel, payload) => void io.to(channel).emit("changes", payload) },
    clock,
    endOfTurn: (run) => void setImmediate(run),
    engine,
    graceMs: config.graceMs,
    hasher: argon2,
    log,
    saved: file.saved,
    store: file.store,
    upgrade,
  });
  const { accounts, lifetimes, roles, sessions } = domain;
  const dispatcher = new Dispatcher(makeHandlers(domain), domain.rooms, log);

  let closing: Promise<void> | null = null;
  const isClosing = (): boolean => closing !== null;
  const http = createHttp(config.tls ?? null, isClosing);
  const terms = {
    accounts: config.accounts,
    durability: engine.durability,
    graceMs: config.graceMs,
    limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS, ...config.limits },
  };
  const origins = { allowed: config.origins, loopbackOnly: isLoopback(config.host) && !config.trustProxy };
  const io = openSocketIo(http, {
    clock,
    door: new Door({ ...domain, dispatcher, isClosing, terms }),
    log,
    origins,
    trustProxy: config.trustProxy,
  });
  const port = await listen(http, config.host, config.port);
  const doors = await openDoors(config.doors, {
    domain,
    clock,
    log,
    host: config.host,
    isOriginAllowed: (origin, host) => isOriginAllowed(origins, origin, host),
    filesDir: config.filesDir,
  }).catch(async (error: unknown) => {
    await closeSocketIo(io, http, clock, CLOSING);
    throw error;
  });
  lifetimes.start(sessions);
  const few = fewOpenFiles(
    doors.map(({ name }) => name),
    openFilesLimit() ?? Number.POSITIVE_INFINITY,
  );
  if (few !== null) log.error({}, few);

  const close = async (): Promise<void> => {
    const doorsClosed = closeDoors(doors);
    // Before the requests under way are waited for: some wait for locks.
    engine.close();
    await Promise.race([dispatcher.drain(), new Promise<void>((resolve) => clock.after(DRAIN_MS, resolve))]);
    await closeSocketIo(io, http, clock, CLOSING);
    await doorsClosed;
    lifetimes.close();
    sessions.close();
    domain.audiences.close();
    domain.lockAudiences.close();
    await accounts.save().finally(() => file.close());
  };
  return {
    url: `${config.tls === undefined ? "http" : "https"}://${urlHost(config.host)}:${port}`,
    doors: doors.map(({ name, host, port }) => ({ name, host, port })),
    managerPassphrase: upgrade.kind === "passphrase" ? upgrade.passphrase : null,
    promote: async (user) => void (await roles.promote(user, OPERATOR)),
    demote: async (user) => void (await roles.demote(user, OPERATOR)),
    users: () =>
      [...accounts.all()]
        .filter(({ kind }) => kind !== "door")
        .map(({ name, role }) => ({ name, role, online: sessions.isOnline(name) })),
    deleteUser: (user) => lifetimes.deleteUser(user, sessions),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** How long requests under way may take to end when the server closes. */
const DRAIN_MS = 2_000;

const CLOSING: Push<"bye"> = {
  code: "unavailable",
  message: "The server is closing.",
  retryable: true,
  afterMs: 1_000,
};

function upgradePolicy({ upgrade, managerPassphrase }: Config): UpgradePolicy {
  if (upgrade !== "passphrase") return { kind: upgrade };
  return { kind: "passphrase", passphrase: managerPassphrase ?? randomPassphrase() };
}

/** Some sixty random bits in three groups that can be read aloud: no letters or digits that look alike. */
function randomPassphrase(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return [group(), group(), group()].join("-");
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
