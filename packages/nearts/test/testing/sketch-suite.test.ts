import { expect, it } from "vitest";
import type { Codes, Estimate } from "../../src/core/codes.js";
import type { Sketch } from "../../src/core/contracts.js";
import { RotatedCodes } from "../../src/sketches/rotated-codes.js";
import { sketchSuite } from "../../src/testing/index.js";
import { breaks } from "./collect.js";

/** A sketch that works, but for what `changes` make of its codes and estimates. */
interface Mutant {
  readonly law: string;
  readonly what: string;
  readonly codes?: (out: Codes, from: number) => void;
  readonly estimate?: (out: Estimate) => void;
}

const mutants: readonly Mutant[] = [
  { law: "the same vector always has the same code", what: "codes by the call", codes: countsCalls() },
  {
    law: "a batch has the codes of its rows one by one",
    what: "the first code of a batch another",
    codes: (out, from) => {
      if (out.count - from > 1) out.bytes[from * out.bytesPerCode] ^= 1;
    },
  },
  {
    law: "factors are finite at every dimension, for zero vectors, equal ones, and very short and long ones",
    what: "a scale divided by a length of 0",
    codes: (out, from) => {
      for (let e = from; e < out.count; e++) if (out.scale[e] === 0) out.scale[e] = Number.NaN;
    },
  },
  {
    law: "estimates are right on average: within 4 standard errors over many pairs",
    what: "squared lengths a tenth too large",
    codes: (out, from) => {
      for (let e = from; e < out.count; e++) out.add[e] *= 1.1;
    },
  },
  {
    law: "at 1.9 deviations at most 6 % of the lower bounds exceed the true rank, and the deviations are not made up",
    what: "deviations of half the size",
    estimate: (out) => out.spreads.set(out.spreads.map((spread) => spread / 2)),
  },
  {
    law: "at 1.9 deviations at most 6 % of the lower bounds exceed the true rank, and the deviations are not made up",
    what: "deviations of ten times the size",
    estimate: (out) => out.spreads.set(out.spreads.map((spread) => spread * 10)),
  },
  {
    law: "only the places of the probes of the hash asked for are written",
    what: "all places written",
    estimate: (out) => void out.orders.fill(1),
  },
];

it.each(mutants)("finds $what", async ({ law, codes, estimate }) => {
  const change = (inner: Sketch): Sketch => ({
    name: inner.name,
    get groups() {
      return inner.groups;
    },
    metric: inner.metric,
    open: (shape) => inner.open(shape),
    config: () => inner.config(),
    encode: (rows, keys, out) => {
      const from = out.count;
      inner.encode(rows, keys, out);
      codes?.(out, from);
    },
    estimate: (query, probes, hash, out) => {
      inner.estimate(query, probes, hash, out);
      estimate?.(out);
    },
  });
  const broken = await breaks(law, (test) =>
    sketchSuite({
      test,
      type: "RotatedCodes",
      dims: [3],
      create: () => change(new RotatedCodes({ metric: "squaredEuclidean", bits: 2 })),
      fromConfig: (config) => change(RotatedCodes.fromConfig(config)),
    }),
  );

  expect(broken).toBe(true);
});

function countsCalls(): (out: Codes, from: number) => void {
  let calls = 0;
  return (out, from) => {
    if (out.count > from) out.add[from] += calls++;
  };
}
