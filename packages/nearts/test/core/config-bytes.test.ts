import { describe, expect, it } from "vitest";
import { configBytes, configFromBytes } from "../../src/core/config-bytes.js";
import { Random } from "../../src/core/random.js";
import { refusal } from "../acceptance/vectors.js";

const config = {
  type: "T",
  version: 1,
  name: "n ü",
  planes: Float32Array.of(-0, 1e-45, 3),
  exact: Float64Array.of(Math.PI),
  rows: new Uint32Array(0),
  nested: [{ type: "T", name: "c", lists: Uint32Array.of(1, 2, 0xffffffff) }, null, true, 1.5],
};

describe("configurations as bytes", () => {
  it("come back as they were, with arrays of their own", () => {
    const bytes = configBytes(config);
    const back = configFromBytes(bytes) as typeof config;

    expect(back).toStrictEqual(config);
    bytes.fill(0);
    expect(back).toStrictEqual(config);
  });

  it("are refused where they hold what would not come back", async () => {
    for (const value of [{ a: () => 1 }, { a: 1n }, { a: Number.NaN }, { a: new Int8Array(1) }]) {
      expect((await refusal(() => configBytes(value))).code).toBe("E_CONFIG");
    }
  });

  it("are refused, and nothing else happens, when they are damaged anywhere", () => {
    const seed = 20261122;
    const random = new Random(seed);
    const good = configBytes(config);
    for (let i = 0; i < 20_000; i++) {
      const bytes = good.slice(0, i % 3 === 0 ? random.below(good.length) : good.length);
      for (let flips = 0; flips < 1 + (i % 4) && bytes.length > 0; flips++) bytes[random.below(bytes.length)] = random.below(256);
      try {
        configFromBytes(bytes);
      } catch (error) {
        expect((error as { code?: string }).code, `seed ${seed}, round ${i}`).toBe("E_CONFIG");
      }
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("keep names that begin with $, as those that stand for arrays do", () => {
    const value = { $f32: [0, 1], $price: "number", $$: { $$u32: 1 }, plain: Float32Array.of(1) };

    expect(configFromBytes(configBytes(value))).toStrictEqual(value);
  });

  it("keep a name like __proto__ as a name", () => {
    const back = configFromBytes(configBytes(JSON.parse('{"__proto__": {"polluted": 1}}'))) as object;

    expect(Object.keys(back)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });
});
