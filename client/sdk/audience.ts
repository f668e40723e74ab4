import type { Push } from "../../protocol/pushes.ts";
import type { Outbox } from "./outbox.ts";
import type { Watcher } from "./types.ts";

/** Who watches the user's room, kept up to date from the first time that somebody asks. */
export class Audience {
  readonly #outbox: Outbox;
  readonly #tell: (watchers: readonly Watcher[]) => void;
  #known: ReadonlyMap<string, Watcher> | null = null;

  /** @param tell is called when it changes */
  constructor(outbox: Outbox, tell: (watchers: readonly Watcher[]) => void) {
    this.#outbox = outbox;
    this.#tell = tell;
  }

  async ask(): Promise<readonly Watcher[]> {
    // In the turn of the answer: what is pushed behind it is different from that.
    const { watchers } = await this.#outbox.request("watchers", {}, (answer) => this.#know(answer.watchers));
    return watchers;
  }

  /** Each connection is told of changes only when it has asked. */
  connected(): void {
    if (this.#known !== null) this.ask().catch(() => undefined);
  }

  changed({ joined, left }: Push<"watchers">): void {
    const others = [...(this.#known?.values() ?? [])].filter(({ user }) => !left.includes(user));
    this.#know([...others, ...joined]);
  }

  #know(watchers: readonly Watcher[]): void {
    const before = this.#known;
    this.#known = new Map(watchers.map((watcher) => [watcher.user, watcher]));
    if (before === null) return;
    const isSame = ({ user, since }: Watcher): boolean => before.get(user)?.since === since;
    if (before.size !== watchers.length || !watchers.every(isSame)) this.#tell(watchers);
  }
}
