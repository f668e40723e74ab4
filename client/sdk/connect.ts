import type { ConnectOptions, Store } from "./types.ts";

export async function connect(_url: string, _options: ConnectOptions = {}): Promise<Store> {
  throw new Error("not written yet");
}
