import { HEALTHY, type Plant } from "../plant.ts";

/** A bug that the simulation must find. */
export interface Planted {
  readonly bug: string;
  /** The promises it breaks. */
  readonly promises: string;
  /** The validator that finds it. */
  readonly validator: string;
  /** Puts it in place, until `undo`. */
  plant(): { readonly plant: Plant; undo(): void };
}

/** A bug in one of the parts. */
export function inPart(parts: Partial<Plant>): ReturnType<Planted["plant"]> {
  return { plant: { ...HEALTHY, ...parts }, undo: () => undefined };
}

/** A bug in a method that no part has: it is another one for as long as the bug is planted. */
export function inMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): ReturnType<Planted["plant"]> {
  const original = prototype[name];
  prototype[name] = make(original);
  return {
    plant: HEALTHY,
    undo: () => {
      prototype[name] = original;
    },
  };
}
