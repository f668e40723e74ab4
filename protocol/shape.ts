/**
 * What servers say, as data: this file reads by it, the documents describe it, TypeScript infers from it. Clients carry it
 * into browsers, so it has no more than answers and pushes need; what clients send is checked by a library, in full.
 */
import { unreadable } from "./errors.ts";

/** What a value must look like to be a `T`. */
export type Shape<T = unknown> = Node & {
  /** For TypeScript alone; never there. */
  readonly fits?: { readonly as: T };
};

type Node =
  | { readonly kind: "string" | "number" | "boolean" | "unknown" }
  | { readonly kind: "literal"; readonly value: string | true }
  | { readonly kind: "array"; readonly item: Shape }
  | { readonly kind: "object"; readonly fields: readonly Field[]; readonly isLoose: boolean }
  | { readonly kind: "union"; readonly options: readonly Shape[] }
  | { readonly kind: "or"; readonly shape: Shape; readonly empty: null | undefined };

type Field = readonly [name: string, shape: Shape];
type Fields = Readonly<Record<string, Shape>>;

/** What fits a shape. */
export type Infer<S extends Shape> = NonNullable<S["fits"]>["as"];

type Optional = { readonly empty: undefined };
type InferFields<F extends Fields> = Flat<
  { [K in keyof F as F[K] extends Optional ? never : K]: Infer<F[K]> } & {
    [K in keyof F as F[K] extends Optional ? K : never]?: Infer<F[K]>;
  }
>;
/** As editors show it best. */
type Flat<T> = { [K in keyof T]: T[K] } & {};

// Functions, as documents tell apart what has a name of its own: a revision is a number, but not any.
export function string(): Shape<string> {
  return { kind: "string" };
}

export function number(): Shape<number> {
  return { kind: "number" };
}

export function boolean(): Shape<boolean> {
  return { kind: "boolean" };
}

export function unknown(): Shape {
  return { kind: "unknown" };
}

export function literal<const T extends string | true>(value: T): Shape<T> {
  return { kind: "literal", value };
}

export function array<S extends Shape>(item: S): Shape<Infer<S>[]> {
  return { kind: "array", item };
}

/** Reads no other fields: answers and pushes may gain some in later versions. */
export function object<F extends Fields>(fields: F): Shape<InferFields<F>> {
  return { kind: "object", fields: Object.entries(fields), isLoose: false };
}

/** Keeps all other fields as they come. */
export function looseObject<F extends Fields>(fields: F): Shape<InferFields<F>> {
  return { kind: "object", fields: Object.entries(fields), isLoose: true };
}

/** The first that fits. */
export function union<S extends Shape>(options: readonly S[]): Shape<Infer<S>> {
  return { kind: "union", options };
}

export function nullable<S extends Shape>(shape: S): Shape<Infer<S> | null> {
  return { kind: "or", shape, empty: null };
}

/** Of a field: it may be missing. */
export function optional<S extends Shape>(shape: S): Shape<Infer<S> | undefined> & Optional {
  return { kind: "or", shape, empty: undefined };
}

const MISFIT = Symbol();
/** Names of the fields that lead to what does not fit. */
type Trail = (string | number)[];

/**
 * Reads what a server sent. If it does not fit, whoever asked has done nothing wrong.
 * @param what names it in the error's sentence
 * @throws KeyroomError `internal`
 */
export function read<T>(shape: Shape<T>, what: string, value: unknown): T {
  const trail: Trail = [];
  const found = take(shape, value, trail);
  if (found !== MISFIT) return found as T;
  throw unreadable(trail.length === 0 ? what : `${what}, in "${trail.join(".")}"`);
}

function take(shape: Shape, value: unknown, trail?: Trail): unknown {
  switch (shape.kind) {
    case "unknown":
      return value;
    case "literal":
      return value === shape.value ? value : MISFIT;
    case "or":
      return value === shape.empty ? value : take(shape.shape, value, trail);
    case "union":
      for (const option of shape.options) {
        const found = take(option, value);
        if (found !== MISFIT) return found;
      }
      return MISFIT;
    case "array":
      return Array.isArray(value) ? takeItems(shape.item, value, trail) : MISFIT;
    case "object":
      return isObject(value) ? takeFields(shape, value, trail) : MISFIT;
    default:
      return typeof value === shape.kind ? value : MISFIT;
  }
}

function takeItems(item: Shape, list: readonly unknown[], trail?: Trail): unknown {
  const taken: unknown[] = [];
  for (const value of list) {
    const found = take(item, value, trail);
    if (found === MISFIT) {
      trail?.unshift(taken.length);
      return MISFIT;
    }
    taken.push(found);
  }
  return taken;
}

function takeFields(
  { fields, isLoose }: { readonly fields: readonly Field[]; readonly isLoose: boolean },
  value: { readonly [name: string]: unknown },
  trail?: Trail,
): unknown {
  const taken: Record<string, unknown> = isLoose ? { ...value } : {};
  for (const [name, field] of fields) {
    const found = take(field, value[name], trail);
    if (found === MISFIT) {
      trail?.unshift(name);
      return MISFIT;
    }
    if (found !== undefined) taken[name] = found;
  }
  return taken;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}
