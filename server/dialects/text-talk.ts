import * as v from "valibot";
import { KeyroomError } from "../../protocol/errors.ts";
import { Passphrase, RoomName, UserName } from "../../protocol/input-fields.ts";
import { parseInput } from "../../protocol/inputs.ts";
import type { Caller } from "../domain/access.ts";
import type { Domain } from "../domain/domain.ts";
import type { Log } from "../domain/log.ts";
import type { Connection, Session } from "../domain/sessions.ts";
import { explain } from "./explain.ts";
import { COMMAND_WORDS, type Command, parseCommand } from "./text-commands.ts";

export interface TalkParts {
  readonly domain: Pick<Domain, "accounts" | "roles" | "rooms" | "sessions">;
  readonly log: Log;
  /** What the domain closes when the session is not to go on. */
  readonly connection: Connection;
  /** Where the client is, for limits per address. */
  readonly address: string;
  /** Called when a name is had. */
  readonly onName: (name: string) => void;
}

export interface Answer {
  readonly text: string;
  /** Whether the connection is to be closed behind it. */
  readonly isLast: boolean;
}

/** What is no command, and no name where one is due. */
export const WRONG = "wrong message format";

/**
 * What one connection of a text door says, and is answered, whatever carries it. The first message is a name, which is
 * held until `leave`; everything else is a command, in the right of whoever holds the name.
 */
export class TextTalk {
  readonly #parts: TalkParts;
  #session: Session | null = null;

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  get hasName(): boolean {
    return this.#session !== null;
  }

  /** @param message null for what is no text. One at a time. */
  async answer(message: string | null): Promise<Answer> {
    return { text: await this.#text(message), isLast: this.#session?.ended === true };
  }

  /** Frees the name, and with it the role and the room. Idempotent. */
  leave(): void {
    if (this.#session !== null) this.#parts.domain.sessions.end(this.#session);
  }

  async #text(message: string | null): Promise<string> {
    if (message === null) return WRONG;
    try {
      if (this.#session === null) return this.#signIn(message);
      const command = parseCommand(message);
      return command === null ? WRONG : await this.#obey(command, this.#session);
    } catch (error) {
      return explain(error, this.#parts.log);
    }
  }

  /** In one turn, so that of two who ask for a name at once one has it. */
  #signIn(name: string): string {
    const { domain, connection, onName } = this.#parts;
    if (COMMAND_WORDS.includes(name) || !v.is(UserName, name)) return WRONG;
    const account = createHeld(domain, name);
    if (account === null) return "duplicate user name";
    // Nobody is to come back to it, and so there is no token.
    const { session } = domain.sessions.open({ account, token: "", tokenHash: "" }, undefined);
    domain.sessions.attach(session, connection);
    this.#session = session;
    onName(name);
    return "success";
  }

  async #obey(command: Command, session: Session): Promise<string> {
    const { name: user, role } = session.account;
    const caller = { user, role, client: session.client };
    const { rooms } = this.#parts.domain;
    switch (command.kind) {
      case "put":
        await rooms.ask("put", caller, parseInput("put", { key: command.key, value: command.value }));
        return "done";
      case "get":
        return command.user === null
          ? this.#get(caller, user, command.key)
          : this.#getOf(caller, command.user, command.key);
      case "upgrade":
        return this.#upgrade(caller, command.passphrase);
      case "quit":
        // Before it is said, so that whoever hears it finds the name free.
        this.leave();
        return "exiting";
    }
  }

  /** A guest is told the same of all users, of himself and of those that there are not. */
  async #getOf(caller: Caller, user: string, key: string): Promise<string> {
    if (caller.role === "guest") return "you are not allowed to access keys of other users";
    if (!v.is(RoomName, user)) return "user not found";
    try {
      return await this.#get(caller, user, key);
    } catch (error) {
      if (error instanceof KeyroomError && error.code === "not_found") return "user not found";
      throw error;
    }
  }

  async #get(caller: Caller, room: string, key: string): Promise<string> {
    const entry = await this.#parts.domain.rooms.ask("get", caller, parseInput("get", { room, key }));
    return entry === null ? "key not found" : entry.value;
  }

  async #upgrade(caller: Caller, passphrase: string | undefined): Promise<string> {
    if (caller.role === "manager") return "already a manager";
    if (passphrase !== undefined && !v.is(Passphrase, passphrase)) return WRONG;
    await this.#parts.domain.roles.upgrade(caller, passphrase, this.#parts.address);
    return "upgraded to manager";
  }
}

/** Null when somebody has the name already. @throws KeyroomError `quota` */
function createHeld({ accounts }: Pick<Domain, "accounts">, name: string) {
  try {
    return accounts.create(name, "held");
  } catch (error) {
    if (error instanceof KeyroomError && error.code === "name_taken") return null;
    throw error;
  }
}
