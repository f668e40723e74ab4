import type { Input } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import { compareUtf8 } from "../../protocol/text.ts";
import type { Engine } from "../engine/port.ts";
import { authorizeGoverning, type Caller } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { InFlight } from "./in-flight.ts";
import type { Sessions } from "./sessions.ts";

/** The rooms there are, for managers: who, how many keys, who is there. */
export class Directory {
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #engine: Engine;
  readonly #accepted: InFlight;

  constructor(accounts: Accounts, sessions: Sessions, engine: Engine, accepted: InFlight) {
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#engine = engine;
    this.#accepted = accepted;
  }

  async rooms(caller: Caller, { after, limit }: Input<"rooms">): Promise<Output<"rooms">> {
    authorizeGoverning(caller);
    const names = this.#accounts.names();
    const start = after === undefined ? 0 : names.findIndex((name) => compareUtf8(name, after) > 0);
    if (start < 0) return { rooms: [], more: false };
    const page = names.slice(start, start + (limit ?? FIXED_LIMITS.pageEntries));
    const counts = await this.#accepted.track(caller.user, () => this.#engine.keyCounts(page));
    return {
      rooms: page.map((room, i) => {
        const role = this.#accounts.find(room)?.role;
        return { room, keys: counts[i] ?? 0, online: this.#sessions.isOnline(room), ...(role && { role }) };
      }),
      more: start + page.length < names.length,
    };
  }
}
