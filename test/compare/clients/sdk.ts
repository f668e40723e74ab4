import { connect, type Room, type Store } from "../../../client/sdk/index.ts";
import type { Client, Places, Visitor } from "./client.ts";

/** A program that uses the SDK, as it comes. */
export class SdkClient implements Client {
  readonly store: Store;
  readonly #room: Room;

  private constructor(store: Store, room: Room) {
    this.store = store;
    this.#room = room;
  }

  static async open({ url }: Places, { name, room: owner, noticed }: Visitor): Promise<SdkClient> {
    const store = await connect(url, { user: name });
    if (owner === undefined) return new SdkClient(store, store);
    await store.upgrade();
    const room = store.room(owner);
    const watch = room.watch();
    await new Promise<void>((resolve) => {
      watch.on("event", (event) => {
        if (event.kind === "snapshot") resolve();
        else if (event.kind === "change") for (const { value } of event.puts) noticed?.(value);
      });
    });
    return new SdkClient(store, room);
  }

  async get(key: string): Promise<string> {
    return (await this.#room.get(key))?.value ?? "";
  }

  async put(key: string, value: string): Promise<void> {
    await this.#room.put(key, value);
  }

  close(): void {
    this.store.close();
  }
}
