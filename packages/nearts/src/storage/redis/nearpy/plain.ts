import type { Json } from "../../../core/contracts.js";
import { textOf } from "./callables.js";
import { corrupt } from "./faults.js";
import { type Pickled, PickledArray, PickledDict, PickledList, PickledTuple } from "./values.js";

/** Deepest nesting, and most values: parts that are shared can stand for endlessly many. */
const deepest = 32;
const most = 1 << 22;

/** A pickled value as JSON: tuples and arrays become arrays, bytes become text. E_CORRUPT for what has no such form. */
export function plain(value: Pickled): Json {
  return converted(value, 0, { left: most });
}

function converted(value: Pickled, depth: number, budget: { left: number }): Json {
  if (budget.left-- <= 0) throw corrupt(`stands for more than ${most} values`);
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return value;
  if (depth >= deepest) throw corrupt(`is nested more than ${deepest} deep`);
  if (value instanceof PickledList || value instanceof PickledTuple) return value.items.map((item) => converted(item, depth + 1, budget));
  if (value instanceof PickledDict) {
    // Object.fromEntries defines own properties: a "__proto__" from a pickle is one more name.
    return Object.fromEntries([...value.entries].map(([name, item]) => [name, converted(item, depth + 1, budget)]));
  }
  if (value instanceof PickledArray) return nested(value, budget);
  const text = textOf(value instanceof Uint8Array ? value : undefined);
  if (text === undefined) throw corrupt("holds what JSON cannot carry: bytes that are no text, or a type");
  return text;
}

/** An array as arrays of arrays; a scalar as its number. */
function nested({ shape, values }: PickledArray, budget: { left: number }): Json {
  if (shape.length > deepest) throw corrupt(`has an array of ${shape.length} dimensions`);
  budget.left -= values.length;
  if (budget.left < 0) throw corrupt(`stands for more than ${most} values`);
  const part = (axis: number, from: number, to: number): Json => {
    if (axis === shape.length) return values[from];
    const step = shape[axis] === 0 ? 0 : (to - from) / shape[axis];
    return Array.from({ length: shape[axis] }, (_, i) => part(axis + 1, from + i * step, from + (i + 1) * step));
  };
  return part(0, 0, values.length);
}
