import * as v from "valibot";
import type { Shape } from "../protocol/shape.ts";

const made = new WeakMap<Shape, v.GenericSchema>();

/** The schema of a shape, for what knows the library's: the same one for the same shape, as references go by identity. */
export function schemaOf(shape: Shape): v.GenericSchema {
  const schema = made.get(shape) ?? translated(shape);
  made.set(shape, schema);
  return schema;
}

function translated(shape: Shape): v.GenericSchema {
  switch (shape.kind) {
    case "literal":
      return v.literal(shape.value);
    case "array":
      return v.array(schemaOf(shape.item));
    case "object": {
      const fields = Object.fromEntries(shape.fields.map(([name, field]) => [name, schemaOf(field)]));
      return shape.isLoose ? v.looseObject(fields) : v.object(fields);
    }
    case "union":
      return v.union(shape.options.map(schemaOf));
    case "or":
      return shape.empty === null ? v.nullable(schemaOf(shape.shape)) : v.optional(schemaOf(shape.shape));
    case "string":
      return v.string();
    case "number":
      return v.number();
    case "boolean":
      return v.boolean();
    case "unknown":
      return v.unknown();
  }
}
