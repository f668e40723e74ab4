import type { DoorName } from "../../../server/config.ts";

/** A signed-in client of one of the doors. Each call rejects when the connection is lost or the answer is an error. */
export interface Client {
  /** @param length of the value in characters: where silence ends a message, the end of an answer cannot be seen */
  get(key: string, length: number): Promise<string>;
  put(key: string, value: string): Promise<void>;
  close(): void;
}

/** Where the server listens. */
export interface Places {
  readonly host: string;
  /** Of Socket.IO. */
  readonly url: string;
  readonly ports: Readonly<Partial<Record<DoorName, number>>>;
}

export interface Visitor {
  readonly name: string;
  /** Whose room he works in, as a manager; without it, as a guest in his own. */
  readonly room?: string;
  /** Called with each value that is put into that room, where the door tells of it; only then is the room watched. */
  readonly noticed?: (value: string) => void;
}

/** @throws Error that says what was answered instead */
export function expectAnswer(said: string, answer: string, expected: string): void {
  if (answer !== expected) throw new Error(`${said} was answered ${JSON.stringify(answer)}, not ${expected}.`);
}
