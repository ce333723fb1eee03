import { describe, expect, it } from "vitest";
import { Codes } from "../../src/core/codes.js";
import { Keys } from "../../src/core/columns.js";
import type { HashConfig } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { PrincipalHead } from "../../src/numeric/principal-head.js";
import { Rotation } from "../../src/numeric/rotation.js";
import { ProductCodes } from "../../src/sketches/product-codes.js";

const dim = 10;
const rows = normalRows(300);

function normalRows(count: number): DenseRows {
  const random = new Random(4);
  return { kind: "dense", dim, count, values: Float32Array.from({ length: count * dim }, () => random.uniform() + random.uniform() - 1) };
}

function sketch(options: Partial<ConstructorParameters<typeof ProductCodes>[0]> = {}): ProductCodes {
  return new ProductCodes({ metric: "squaredEuclidean", head: new Rotation({ dim, seed: 1, unit: false }), ...options });
}

function encoded(codes: ProductCodes): Codes {
  codes.open({ kind: "dense", dim });
  const keys = new Keys();
  for (let r = 0; r < 20; r++) keys.add(r, 0, 0, 0);
  const out = new Codes(codes.groups);
  codes.encode(rows, keys, out);
  return out;
}

describe("product codes", () => {
  it("learn the same in steps as at once, and nothing before the last step", () => {
    const [once, stepwise] = [sketch({ training: { rows } }), sketch()];
    const steps = stepwise.fitSteps({ rows });
    let count = 0;
    for (; steps.next().done !== true; count++) {
      if (count < 3) expect(() => encoded(stepwise)).toThrow(expect.objectContaining({ code: "E_NOT_FITTED" }));
    }

    expect(count).toBeGreaterThan(32);
    expect(stepwise.config()).toEqual(once.config());
    expect(encoded(stepwise)).toEqual(encoded(once));
  });

  it("refuse to learn twice, from nothing, or from a vector with a value that is none", () => {
    const bad = { ...rows, values: rows.values.slice() };
    bad.values[dim * 7] = Number.NaN;

    expect(() => sketch({ training: { rows } }).fit({ rows })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
    expect(() => sketch().fit({ rows: { ...rows, count: 0 } })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => sketch().fit({ rows: bad })).toThrow(expect.objectContaining({ code: "E_BAD_VECTOR", details: { row: 7 } }));
  });

  it("refuse a head that does not fit the metric, or rows and anchors that do not fit each other", () => {
    const anchors: DenseRows = { kind: "dense", dim, count: 2, values: rows.values.slice(0, 2 * dim) };
    const tooLarge = new Uint32Array(rows.count).fill(2);

    expect(() => sketch({ metric: "cosine" })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => sketch({ anchors, training: { rows } })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => sketch({ anchors, training: { rows, anchors: tooLarge } })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => sketch({ training: { rows, anchors: tooLarge } })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => sketch({ anchors: { ...anchors, dim: dim + 1 } })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("refuse a tail for products, of a head that leaves out less than two values, or with figures that are none of tails", () => {
    const tail = { mean: 1, likeness: 0.5 };
    const directions = new Float32Array(9 * dim).fill(0).map((_, i) => (i % dim === Math.floor(i / dim) ? 1 : 0));
    const headOf = (size: number) =>
      new PrincipalHead({ origin: new Float32Array(dim), directions: directions.slice(0, size * dim), unit: false });

    expect(sketch({ head: headOf(8), tail }).groups).toBe(5);
    for (const options of [
      { head: headOf(8), tail, metric: "dot" as const },
      { head: headOf(9), tail },
      { head: headOf(8), tail: { mean: Number.NaN, likeness: 0.5 } },
      { head: headOf(8), tail: { mean: 1, likeness: 1.5 } },
    ]) {
      expect(() => sketch(options)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    }
  });

  it.each([{ tail: Number.NaN }, { tail: -1 }, { likeness: 2 }, { likeness: undefined }, { tail: undefined }])(
    "refuse a configuration whose tail is none, or is not the head's: %o",
    (change) => {
      const head = new PrincipalHead({ origin: new Float32Array(dim), directions: rows.values.slice(0, 4 * dim), unit: false });
      const config = { ...sketch({ head, tail: { mean: 1, likeness: 0.5 } }).config(), ...change } as HashConfig; // as a damaged file may give it

      expect(() => ProductCodes.fromConfig(config, head)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
    },
  );

  it("refuse a bucket that has no anchor", () => {
    const anchors: DenseRows = { kind: "dense", dim, count: 2, values: rows.values.slice(0, 2 * dim) };
    const codes = sketch({ anchors, training: { rows, anchors: new Uint32Array(rows.count) } });
    codes.open({ kind: "dense", dim });
    const keys = new Keys();
    keys.add(0, 0, 0, 2);

    expect(() => codes.encode(rows, keys, new Codes(codes.groups))).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("refuse the configuration of another head", () => {
    const config = sketch({ training: { rows } }).config();

    expect(() => ProductCodes.fromConfig(config, new Rotation({ dim: 70, seed: 1, unit: false }))).toThrow(
      expect.objectContaining({ code: "E_CONFIG" }),
    );
  });
});
