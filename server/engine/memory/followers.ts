import type { Position } from "../../../protocol/fields.ts";
import type { Change, Follower } from "../port.ts";

/** Who is told of which room; they outlive the room's lives. */
export class Followers {
  readonly #byRoom = new Map<string, Set<Follower>>();

  add(room: string, follower: Follower): () => void {
    const followers = this.#byRoom.get(room) ?? new Set();
    this.#byRoom.set(room, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0 && this.#byRoom.get(room) === followers) this.#byRoom.delete(room);
    };
  }

  committed(room: string, change: Change, epoch: string): void {
    const followers = this.#byRoom.get(room);
    if (followers === undefined) return;
    const position: Position = { epoch, revision: change.revision, tag: change.tag };
    for (const follower of followers) follower.committed(change, position);
  }

  deleted(room: string): void {
    for (const follower of this.#byRoom.get(room) ?? []) follower.deleted();
  }
}
