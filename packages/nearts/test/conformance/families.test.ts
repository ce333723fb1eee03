import { test } from "vitest";
import { CrossPolytope } from "../../src/index.js";
import { hashSuite } from "../../src/testing/index.js";

hashSuite({
  test,
  title: "CrossPolytope, 9 bits",
  hashClass: CrossPolytope,
  create: () => new CrossPolytope({ name: "cp", bits: 9, seed: 1 }),
});
hashSuite({
  test,
  title: "CrossPolytope, 21 bits of polytopes of 16 × 3 tables, centred",
  hashClass: CrossPolytope,
  create: () =>
    new CrossPolytope({
      name: "cp",
      bits: 21,
      dimension: 16,
      tables: 3,
      seed: "text",
      origin: Float32Array.from({ length: 24 }, (_, i) => i / 50),
    }),
});
hashSuite({
  test,
  title: "CrossPolytope, 64 bits",
  hashClass: CrossPolytope,
  create: () => new CrossPolytope({ name: "cp", bits: 64, tables: 2 }),
});
