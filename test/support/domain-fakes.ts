/** Stand-ins for what surrounds the domain, and words to test it with. */
import { setImmediate } from "node:timers/promises";
import type { Role } from "../../protocol/fields.ts";
import type { Push, PushName } from "../../protocol/pushes.ts";
import type { Caller } from "../../server/domain/access.ts";
import type { Account, AccountStore } from "../../server/domain/accounts.ts";
import type { Log } from "../../server/domain/log.ts";
import type { PasswordHasher } from "../../server/domain/passwords.ts";
import type { Connection } from "../../server/domain/sessions.ts";

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}

/** Whether a promise has settled by now. */
export async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await settle();
  return settled;
}

export function caller(user: string, role: Role = "guest", client = `client-of-${user}`): Caller {
  return { user, role, client };
}

export function account(name: string, parts: Partial<Account> = {}): Account {
  const usual = { kind: "password", role: "guest", passwordHash: "hashed:secret", kept: true, seenAt: 0 } as const;
  return { name, ...usual, tokens: [], ...parts };
}

/** Keeps what was saved last, as the JSON it would be in a file; while `fails`, it keeps nothing. */
export class FakeAccountStore implements AccountStore {
  saves = 0;
  fails = false;
  #last = "[]";

  save(snapshot: () => readonly Account[]): Promise<void> {
    this.saves++;
    if (this.fails) return Promise.reject(new Error("The disk is full."));
    this.#last = JSON.stringify(snapshot());
    return Promise.resolve();
  }

  get savedNames(): readonly unknown[] {
    return (JSON.parse(this.#last) as { name: unknown }[]).map(({ name }) => name);
  }
}

interface Held {
  finish(): void;
  fail(error: Error): void;
}

/** Hashes by writing `hashed:` before the password; while `holds`, each call waits until it is finished by hand. */
export class FakeHasher implements PasswordHasher {
  holds = false;
  readonly held: Held[] = [];
  readonly calls: string[] = [];

  hash(password: string): Promise<string> {
    this.calls.push(`hash ${password}`);
    return this.#answer(`hashed:${password}`);
  }

  verify(hash: string, password: string): Promise<boolean> {
    this.calls.push(`verify ${password}`);
    return this.#answer(hash === `hashed:${password}`);
  }

  #answer<T>(answer: T): Promise<T> {
    if (!this.holds) return Promise.resolve(answer);
    return new Promise((resolve, reject) => {
      this.held.push({ finish: () => resolve(answer), fail: reject });
    });
  }
}

export class FakeLog implements Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];

  info(fields: object, message: string): void {
    this.lines.push({ level: "info", fields, message });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: "error", fields, message });
  }
}

export class FakeConnection implements Connection {
  readonly pushed: unknown[] = [];
  readonly byes: Push<"bye">[] = [];
  /** Bytes that wait to be taken. */
  waiting = 0;
  isAborted = false;
  readonly #onClose: () => void;

  constructor(onClose: () => void = () => undefined) {
    this.#onClose = onClose;
  }

  push<N extends PushName>(name: N, payload: Push<N>): void {
    this.pushed.push([name, payload]);
  }

  close(bye: Push<"bye">): void {
    this.byes.push(bye);
    this.#onClose();
  }

  dismiss(bye: Push<"bye">): void {
    this.close(bye);
  }

  backlog(): number {
    return this.waiting;
  }

  abort(): void {
    this.isAborted = true;
  }
}
