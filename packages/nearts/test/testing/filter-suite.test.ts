import { describe, expect, it } from "vitest";
import type { Filter } from "../../src/core/contracts.js";
import { DistanceThresholdFilter, NearestFilter, UniqueFilter } from "../../src/index.js";
import { type FilterSuiteOptions, filterSuite } from "../../src/testing/index.js";
import { breaks } from "./collect.js";

interface Mutant {
  readonly law: string;
  readonly what: string;
  readonly create: () => Filter;
  readonly options?: Partial<FilterSuiteOptions>;
}

const within1 = new DistanceThresholdFilter(1);
const nearest10 = new NearestFilter(10);

const mutants: readonly Mutant[] = [
  {
    law: "it says what it is: name, stage and a bound that means something",
    what: "half a neighbour",
    create: () => filter({ bound: { nearest: 0.5 } }),
  },
  {
    law: "no candidates stay none",
    what: "a candidate out of nothing",
    create: () => filter({ apply: (candidates) => candidates.count === 0 && candidates.add(7) }),
  },
  {
    law: "what comes out went in, each candidate with its own distance and no more often",
    what: "rows moved without their distances",
    create: () => filter({ apply: (candidates) => void candidates.rows.subarray(0, candidates.count).reverse() }),
  },
  { law: "the order is the declared one", what: "an order that was not declared", create: () => nearest10 },
  { law: "the order is the declared one", what: "an order that is not kept", create: () => within1, options: { order: "nearest" } },
  {
    law: "what passed passes again",
    what: "half of what comes",
    create: () =>
      filter({ apply: (candidates) => candidates.keep(Uint32Array.from(candidates.rows.keys()), Math.ceil(candidates.count / 2)) }),
  },
  { law: "the same candidates come out the same, by any instance", what: "every second call ignored", create: forgetful },
  {
    law: "each row comes out once, where it declares so",
    what: "repeats",
    create: () => ({ ...filter({}), stage: "scan", unique: true, apply: () => {} }),
  },
  {
    law: "only what its bound admits passes, and the bound changes nothing",
    what: "more than the bound says",
    create: () => ({ ...filter({}), bound: { nearest: 5 }, apply: (candidates) => nearest10.apply(candidates) }),
  },
  {
    law: "only what its bound admits passes, and the bound changes nothing",
    what: "a threshold beyond the bound",
    create: () => ({ ...filter({}), bound: { within: 0.5 }, apply: (candidates) => within1.apply(candidates) }),
  },
  {
    law: "a search applies it to its candidates",
    what: "another stage than the declared one",
    create: () => filter({ stage: "candidates", apply: (candidates) => within1.apply(candidates) }),
  },
  {
    law: "what passed passes again",
    what: "reading at the stage of scanning",
    create: () => filter({ stage: "scan", apply: (candidates, context) => void context.id(candidates.rows[0]) }),
  },
];

describe("the filter suite", () => {
  for (const { law, what, create, options } of mutants) {
    it(`finds ${what} to break the law "${law}"`, async () => {
      expect(await breaks(law, (test) => filterSuite({ test, create, ...options }))).toBe(true);
    });
  }

  it("runs on a filter that does what it says without finding anything", async () => {
    expect(await breaks("what passed passes again", (test) => filterSuite({ test, create: () => new UniqueFilter() }))).toBe(false);
  });
});

function filter(changes: Partial<Filter>): Filter {
  return { name: "mutant", stage: "distances", apply: () => {}, ...changes };
}

function forgetful(): Filter {
  let calls = 0;
  return filter({ apply: (candidates) => void (calls++ % 2 === 0 && within1.apply(candidates)) });
}
