import { type DenseRows, NearError, type Rows } from "nearts";
import { unknownName } from "../names.js";
import { parametersOf } from "./generators/generator.js";
import { generators } from "./generators/registry.js";
import type { SyntheticSpec } from "./spec.js";

/** Largest number of values that are generated: 4 GiB of them. */
const mostValues = 2 ** 30;

/** The rows and queries that a spec describes: equal for equal specs, on every runtime. E_BAD_OPTION, E_LIMIT. */
export function synthesise(spec: SyntheticSpec): { readonly base: Rows; readonly queries: Rows } {
  if (!Object.hasOwn(generators, spec.generate)) throw unknownName("a generator", String(spec.generate), Object.keys(generators));
  const generator = generators[spec.generate];
  checkNames(spec, Object.keys(generator.parameters));
  const { rows, queries, dim, seed } = checkExtent(spec);
  const values = generator.generate({ rows, queries, dim, seed }, parametersOf(generator, { ...spec }));
  const base: DenseRows = { kind: "dense", dim, count: rows, values: values.subarray(0, rows * dim) };
  const asked: DenseRows = { kind: "dense", dim, count: queries, values: values.subarray(rows * dim) };
  if (spec.kind === undefined || spec.kind === "dense") return { base, queries: asked };
  if (spec.kind === "bits") return { base: signs(base), queries: signs(asked) };
  throw new NearError("E_BAD_OPTION", `kind is ${JSON.stringify(spec.kind)}, synthetic vectors are "dense" or "bits"`, { got: spec.kind });
}

function checkNames(spec: SyntheticSpec, parameters: readonly string[]): void {
  const known = ["generate", "rows", "queries", "dim", "seed", "name", "distance", "kind", ...parameters];
  for (const [name, value] of Object.entries(spec))
    if (value !== undefined && !known.includes(name)) throw unknownName(`an option of ${spec.generate}`, name, known);
}

function checkExtent(spec: SyntheticSpec): SyntheticSpec {
  for (const name of ["rows", "queries", "dim"] as const) {
    if (Number.isSafeInteger(spec[name]) && spec[name] >= 1) continue;
    throw new NearError("E_BAD_OPTION", `${name} is ${JSON.stringify(spec[name])}, it must be a whole number from 1`, { got: spec[name] });
  }
  if (!Number.isSafeInteger(spec.seed))
    throw new NearError("E_BAD_OPTION", `seed is ${JSON.stringify(spec.seed)}, it must be a whole number`, { got: spec.seed });
  const values = (spec.rows + spec.queries) * spec.dim;
  if (values <= mostValues) return spec;
  throw new NearError("E_LIMIT", `rows and queries have ${values} values, at most ${mostValues} are generated`, {
    got: values,
    most: mostValues,
  });
}

/** A bit for each value: 1 where it is over 0. */
function signs({ dim, count, values }: DenseRows): Rows {
  const width = Math.ceil(dim / 32);
  const words = new Uint32Array(count * width);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < dim; i++) if (values[row * dim + i] > 0) words[row * width + (i >>> 5)] |= 1 << (i & 31);
  return { kind: "bits", dim, count, words };
}
