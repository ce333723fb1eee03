import { describe, expect, it } from "vitest";
import type { Distance } from "../../src/core/contracts.js";
import type { VectorOf } from "../../src/core/rows.js";
import { EuclideanDistance } from "../../src/index.js";
import { distanceSuite } from "../../src/testing/index.js";
import { breaks, titles } from "./collect.js";

type Real = VectorOf<"dense" | "sparse">;

/** The Euclidean distance, but for some changes. */
interface Mutant {
  readonly law: string;
  readonly what: string;
  readonly changes: (inner: EuclideanDistance) => Partial<Distance<"dense" | "sparse">>;
}

const mutants: readonly Mutant[] = [
  { law: "it says what it is: name, kinds, and toRank where it has a metric", what: "no name", changes: () => ({ name: "" }) },
  {
    law: "distances are finite numbers",
    what: "an infinite distance",
    changes: (inner) => ({ between: (x, y) => 1 / inner.between(x, y) }),
  },
  {
    law: "identical vectors are at 0 exactly",
    what: "a small number for 0",
    changes: (inner) => ({ between: (x, y) => inner.between(x, y) + 1e-15 }),
  },
  { law: "no distance is negative", what: "distances turned round", changes: (inner) => ({ between: (x, y) => 0 - inner.between(x, y) }) },
  {
    law: "the distance is the same in both directions",
    what: "a part of one vector alone",
    changes: (inner) => ({ between: (x, y) => inner.between(x, y) + Math.abs(first(x)) }),
  },
  {
    law: "dense, sparse and mixed pairs are at the same distance",
    what: "mixed pairs measured otherwise",
    changes: (inner) => ({
      between: (x, y) => inner.between(x, y) * (x instanceof Float32Array === y instanceof Float32Array ? 1 : 1.001),
    }),
  },
  {
    law: "the triangle inequality holds",
    what: "a squared distance",
    changes: (inner) => ({ between: (x, y) => inner.between(x, y) ** 2 }),
  },
  {
    law: "vectors are only read",
    what: "a vector overwritten",
    changes: (inner) => ({
      between: (x, y) => {
        const distance = inner.between(x, y);
        if (x instanceof Float32Array) x[0] = 7;
        return distance;
      },
    }),
  },
  {
    law: "ranks of larger distances are never smaller",
    what: "ranks that turn below 0",
    changes: () => ({ toRank: (distance) => distance * distance }),
  },
  {
    law: "the rank of a stored vector is that of its distance",
    what: "ranks of another metric",
    changes: () => ({ toRank: (distance) => distance }),
  },
  { law: "a search finds the nearest, in order", what: "the metric of another distance", changes: () => ({ metric: "manhattan" }) },
  {
    law: "a search finds a stored vector at 0 exactly from itself",
    what: "a small number for 0",
    changes: () => ({ fromExact: (value) => Math.sqrt(value) + 1e-15 }),
  },
  {
    law: "a search within a distance finds all that are nearer",
    what: "ranks too small",
    changes: () => ({ toRank: (distance) => distance / 2 }),
  },
  { law: "zero vectors are refused with E_ZERO_VECTOR", what: "a refusal taken back", changes: takesBack },
];

describe("the distance suite", () => {
  for (const { law, what, changes } of mutants) {
    it(`finds ${what} to break the law "${law}"`, async () => {
      expect(await breaks(law, (test) => distanceSuite({ test, triangle: true, create: () => changed(changes) }))).toBe(true);
    });
  }

  it("has a mutant for every law", () => {
    const { run } = titles((test) =>
      distanceSuite({ test, title: "t", triangle: true, create: () => changed(() => ({ refusesZero: true })) }),
    );

    expect(new Set(mutants.map(({ law }) => law))).toEqual(new Set(run.map((title) => title.slice(title.indexOf(": ") + 2))));
  });

  it("holds a distance to the triangle inequality only where it declares to obey it", () => {
    const { run } = titles((test) => distanceSuite({ test, create: () => new EuclideanDistance() }));

    expect(run.filter((title) => title.includes("triangle"))).toEqual([]);
  });
});

function changed(changes: Mutant["changes"]): Distance {
  const inner = new EuclideanDistance();
  const distance: Distance<"dense" | "sparse"> = {
    name: inner.name,
    kinds: inner.kinds,
    metric: inner.metric,
    toRank: (given) => inner.toRank(given),
    fromExact: (value) => inner.fromExact(value),
    between: (x, y) => inner.between(x, y),
  };
  return Object.defineProperties(distance, Object.getOwnPropertyDescriptors(changes(inner)));
}

/** Declares to refuse zero vectors the first time it is asked, and then no more. */
function takesBack(): Partial<Distance<"dense" | "sparse">> {
  let asked = 0;
  return {
    get refusesZero() {
      return asked++ < 1;
    },
  };
}

function first(x: Real): number {
  return x instanceof Float32Array ? x[0] : (x.values[0] ?? 0);
}
