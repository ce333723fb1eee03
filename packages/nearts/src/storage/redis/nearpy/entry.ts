import type { Json } from "../../../core/contracts.js";
import { show } from "../../../core/errors.js";
import { textOf } from "./callables.js";
import { corrupt } from "./faults.js";
import { codeOf, numbersOf } from "./numbers.js";
import { plain } from "./plain.js";
import { unpickle } from "./unpickle.js";
import { type Pickled, PickledDict } from "./values.js";

/** One vector of a NearPy index with its data, in a form that `storeManyVectors` takes. */
export interface NearPyEntry {
  readonly vector: Float64Array | { readonly indices: Uint32Array; readonly values: Float64Array; readonly dim: number };
  readonly data?: Json;
}

/** What RedisStorage of NearPy keeps of an entry. */
interface Fields {
  readonly vector: Float64Array | undefined;
  readonly nonzeros: Json | undefined;
  readonly dim: Json | undefined;
  readonly data: Json | undefined;
}

/** The entry that these bytes of a bucket hold: a pickle, or the JSON of NearPy's first versions. E_CORRUPT for anything else. */
export function entryOf(bytes: Uint8Array): NearPyEntry {
  const { vector, nonzeros, dim, data } = bytes[0] === 0x7b ? fromJson(bytes) : fromPickle(unpickle(bytes));
  const own = vector ?? sparse(nonzeros, dim);
  // NearPy keeps no data where it is None.
  return data === undefined || data === null ? { vector: own } : { vector: own, data };
}

function fromPickle(root: Pickled): Fields {
  if (!(root instanceof PickledDict)) throw corrupt("is no dict");
  const get = (name: string): Json | undefined => {
    const value = root.entries.get(name);
    return value === undefined ? undefined : plain(value);
  };
  const vector = root.entries.get("vector");
  return {
    vector: vector === undefined ? undefined : dense(vector, root.entries.get("dtype")),
    nonzeros: get("nonzeros"),
    dim: get("dim"),
    data: get("data"),
  };
}

/** The bytes of an array and the name of its type; the bytes are a machine's own, which were little-endian wherever NearPy ran. */
function dense(vector: Pickled, type: Pickled | undefined): Float64Array {
  const name = textOf(type);
  const code = codeOf(name ?? "");
  if (code === undefined)
    throw corrupt(`has a vector of type ${show(name ?? type)}: expected bool, uint8 to uint64, int8 to int64 or float16 to float64`);
  const values = vector instanceof Uint8Array ? numbersOf(vector, code, false) : undefined;
  if (values === undefined) throw corrupt(`has a vector that is no bytes of ${name}`);
  return values;
}

function fromJson(bytes: Uint8Array): Fields {
  let root: { readonly [name: string]: Json };
  try {
    root = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as typeof root; // it begins with a brace
  } catch (cause) {
    throw corrupt("is neither a pickle nor JSON", cause);
  }
  const own = (name: string): Json | undefined => (Object.hasOwn(root, name) ? root[name] : undefined);
  const vector = own("vector");
  return {
    vector: vector === undefined ? undefined : Float64Array.from(numbers(vector)),
    nonzeros: own("nonzeros"),
    dim: own("dim"),
    data: own("data"),
  };
}

/** A sparse vector from its `[[index, value], …]` in any order; values of equal indices add up, as in SciPy. */
function sparse(nonzeros: Json | undefined, dim: Json | undefined): NearPyEntry["vector"] {
  if (!Array.isArray(nonzeros)) throw corrupt("has neither a vector nor nonzeros");
  if (typeof dim !== "number" || !Number.isInteger(dim) || dim < 1 || dim > 0xffffffff)
    throw corrupt(`has a sparse vector of dimension ${show(dim)}`);
  const sums = new Map<number, number>();
  for (const pair of nonzeros as readonly Json[]) {
    const [index, value] = numbers(pair);
    if (!Number.isInteger(index) || index < 0 || index >= dim || value === undefined)
      throw corrupt(`has a nonzero ${show(pair)} in a vector of dimension ${dim}`);
    sums.set(index, (sums.get(index) ?? 0) + value);
  }
  const indices = Uint32Array.from(sums.keys()).sort();
  return { indices, values: Float64Array.from(indices, (index) => sums.get(index) ?? 0), dim };
}

function numbers(value: Json): readonly number[] {
  if (!Array.isArray(value)) throw corrupt(`has ${show(value)} where numbers are expected`);
  return (value as readonly Json[]).map((number) => {
    if (typeof number !== "number") throw corrupt(`has ${show(number)} where a number is expected`);
    return number;
  });
}
