import { describe, expect, it } from "vitest";
import { checkId } from "../../src/core/ids.js";
import { encodeData } from "../../src/core/json.js";
import { Random } from "../../src/core/random.js";
import { type Kind, rowAt } from "../../src/core/rows.js";
import { intakeRows } from "../../src/engine/intake.js";
import { arbitraryData, arbitraryIds, arbitraryRows } from "../../src/testing/index.js";

describe("arbitrary rows", () => {
  it("are the same for the same seed and others for another", () => {
    const rows = (seed: number, kind: Kind) => arbitraryRows(new Random(seed), kind, { count: 20, dim: 33 });

    for (const kind of ["dense", "sparse", "bits", "set"] as const) {
      expect(rows(1, kind)).toEqual(rows(1, kind));
      expect(rows(1, kind)).not.toEqual(rows(2, kind));
    }
  });

  it("are rows that engines take", () => {
    for (const kind of ["dense", "sparse", "bits"] as const) {
      const rows = arbitraryRows(new Random(3), kind, { count: 300, dim: 37, zeros: true });

      expect(intakeRows(rows, { kind, dim: 37 }, "rows").count).toBe(300);
    }
  });

  it("repeat some vectors, and hold zero vectors only when asked to", () => {
    const texts = (zeros: boolean, kind: Kind) => {
      const rows = arbitraryRows(new Random(4), kind, { count: 300, dim: 12, zeros });
      return Array.from({ length: 300 }, (_, i) => JSON.stringify(rowAt(rows, i)));
    };
    const zero = { dense: JSON.stringify(new Float32Array(12)), bits: '{"dim":12,"words":{"0":0}}', set: '{"members":{}}' };

    for (const kind of ["dense", "bits", "set"] as const) {
      expect(new Set(texts(false, kind)).size).toBeLessThan(295);
      expect(texts(false, kind)).not.toContain(zero[kind]);
      expect(texts(true, kind)).toContain(zero[kind]);
    }
  });
});

describe("arbitrary ids and data", () => {
  it("are distinct ids that engines take, among them integers whose digits are there as text", () => {
    const ids = arbitraryIds(new Random(5), 500);

    expect(ids.map(checkId)).toEqual(ids);
    expect(new Set(ids).size).toBe(500);
    expect(ids.some((id) => typeof id === "number" && ids.includes(String(id)))).toBe(true);
  });

  it("are data that engines take, of every JSON kind, and sometimes none", () => {
    const random = new Random(6);
    const data = Array.from({ length: 200 }, () => arbitraryData(random));

    for (const value of data) expect(JSON.parse(encodeData(value) ?? "null")).toEqual(value ?? null);
    const kinds = new Set(data.map((value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value)));
    expect([...kinds].sort()).toEqual(["array", "boolean", "null", "number", "object", "string", "undefined"]);
  });
});
