/** Socket.IO's event maps, derived from the contract. */
import type { WireError } from "./errors.ts";
import type { Input } from "./inputs.ts";
import type { Output } from "./outputs.ts";
import type { Push, PushName } from "./pushes.ts";
import type { RequestName } from "./requests.ts";

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

export type ClientEvents = {
  [N in RequestName]: (payload: Input<N>, acknowledge: (answer: Answer<Output<N>>) => void) => void;
};

export type ServerEvents = { [N in PushName]: (payload: Push<N>) => void };
