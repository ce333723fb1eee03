import { derive, fillNormal, NearError, type Seed, seedFrom } from "nearts";

/** How many synthetic vectors of what dimension, and what they all follow from. */
export interface Extent {
  readonly rows: number;
  readonly queries: number;
  readonly dim: number;
  readonly seed: number;
}

/** A number that shapes what a generator makes. */
export interface Parameter {
  readonly about: string;
  readonly fallback: number;
  /** Whether a value can be taken; `expected` says which can. */
  accepts(value: number): boolean;
  readonly expected: string;
}

/** Makes synthetic vectors from + − × ÷ and √ of seeded random bits alone: the same bits on every runtime. */
export interface Generator<P extends string = string> {
  readonly name: string;
  readonly about: string;
  readonly parameters: Readonly<Record<P, Parameter>>;
  /** Values of the rows and then of the queries, row-major: (rows + queries) · dim. */
  generate(extent: Extent, parameters: Readonly<Record<P, number>>): Float32Array;
}

/** A whole number from `least`. */
export function wholeFrom(least: number, about: string, fallback: number): Parameter {
  return { about, fallback, accepts: (value) => Number.isInteger(value) && value >= least, expected: `a whole number from ${least}` };
}

/** A finite number from 0. */
export function fromZero(about: string, fallback: number): Parameter {
  return { about, fallback, accepts: (value) => value >= 0 && Number.isFinite(value), expected: "a finite number from 0" };
}

/** Standard normals, `count` rows of `dim`: row i follows from the seed, the label and i alone. */
export function normals(seed: number, label: string, count: number, dim: number): Float32Array {
  const stream = streamOf(seed, label);
  const values = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) fillNormal(stream, row, 0, dim, values, row * dim);
  return values;
}

/** The stream of random bits for one purpose. */
export function streamOf(seed: number, label: string): Seed {
  return derive(seedFrom(seed), label);
}

/** The values given for a generator's parameters, or their usual ones; E_BAD_OPTION for one it cannot take. */
export function parametersOf<P extends string>(generator: Generator<P>, given: Readonly<Record<string, unknown>>): Record<P, number> {
  const read = Object.entries<Parameter>(generator.parameters).map(([name, parameter]) => {
    const value = given[name] ?? parameter.fallback;
    if (typeof value === "number" && parameter.accepts(value)) return [name, value] as const;
    const message = `${name} of ${generator.name} is ${JSON.stringify(value)}, it must be ${parameter.expected}`;
    throw new NearError("E_BAD_OPTION", message, { option: name, got: value, expected: parameter.expected });
  });
  return Object.fromEntries(read) as Record<P, number>; // the entries are of this generator's own parameters, all of them
}
