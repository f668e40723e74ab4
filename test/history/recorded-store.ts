import type { Store } from "../../client/sdk/types.ts";
import type { Role } from "../../protocol/fields.ts";
import { isOpen } from "./history.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { codeOf, type Recorder } from "./recorder.ts";

/** A signed-in client whose calls, watches and changes of roles are recorded. */
export class RecordedStore extends RecordedRoom {
  readonly name: string;
  /** For what is not recorded. */
  readonly store: Store;
  readonly #recorder: Recorder;

  /** @param name tells it from the user's other clients */
  constructor(name: string, store: Store, recorder: Recorder) {
    super(name, store.session.user, store.session.room, store, recorder);
    this.name = name;
    this.store = store;
    this.#recorder = recorder;
    recorder.signedIn(store.session.user, store.session.role);
    const heard = ({ durability, client }: Store["session"]): void =>
      recorder.record({ kind: "session", client: name, durability, id: client });
    heard(store.session);
    store.on("session", heard);
    store.on("locks", ({ room, waiting, lost }) => {
      if (waiting !== undefined)
        recorder.record({ kind: "locks", client: name, room, news: "waiting", keys: waiting.keys });
      if (lost !== undefined) recorder.record({ kind: "locks", client: name, room, news: "lost", keys: lost.keys });
    });
    store.on("state", (state) => {
      if (state === "closed") recorder.record({ kind: "gone", client: name });
    });
  }

  room(name: string): RecordedRoom {
    return new RecordedRoom(this.name, this.store.session.user, name, this.store.room(name), this.#recorder);
  }

  upgrade(passphrase?: string): Promise<Role> {
    return this.#changing(this.store.session.user, "manager", () => this.store.upgrade(passphrase));
  }

  promote(user: string): Promise<Role> {
    return this.#changing(user, "manager", () => this.store.promote(user));
  }

  demote(user: string): Promise<Role> {
    return this.#changing(user, "guest", () => this.store.demote(user));
  }

  close(): void {
    this.store.close();
  }

  async #changing(user: string, role: Role, ask: () => Promise<Role>): Promise<Role> {
    this.#recorder.record({ kind: "role", user, role, phase: "asked" });
    try {
      const answer = await ask();
      this.#recorder.record({ kind: "role", user, role, phase: "answered" });
      return answer;
    } catch (error) {
      if (!isOpen(codeOf(error))) this.#recorder.record({ kind: "role", user, role, phase: "refused" });
      throw error;
    }
  }
}
