import { test } from "vitest";
import {
  AngularDistance,
  ContainmentDistance,
  CosineDistance,
  type Distance,
  EuclideanDistance,
  HammingDistance,
  InnerProductDistance,
  JaccardDistance,
  ManhattanDistance,
  type VectorOf,
  WeightedJaccardDistance,
} from "../../src/index.js";
import { distanceSuite } from "../../src/testing/index.js";

distanceSuite({ test, triangle: true, create: () => new AngularDistance() });
distanceSuite({ test, create: () => new CosineDistance() });
distanceSuite({ test, triangle: true, create: () => new EuclideanDistance() });
distanceSuite({ test, triangle: true, dim: 100, create: () => new HammingDistance() });
distanceSuite({ test, triangle: true, create: () => new ManhattanDistance() });
distanceSuite({ test, triangle: true, create: () => new JaccardDistance() });
distanceSuite({ test, triangle: true, create: () => new WeightedJaccardDistance() });

distanceSuite({
  test,
  create: () => new ContainmentDistance(),
  skip: [{ law: "the distance is the same in both directions", reason: "a set may hold all of another, which holds little of it" }],
});

distanceSuite({
  test,
  create: () => new InnerProductDistance(),
  skip: [
    { law: "identical vectors are at 0 exactly", reason: "it is no metric: a vector is at −‖x‖² from itself" },
    { law: "a search finds a stored vector at 0 exactly from itself", reason: "it is no metric: a vector is at −‖x‖² from itself" },
    { law: "no distance is negative", reason: "it is no metric: the larger the inner product, the more negative" },
  ],
});

/** Largest difference of two components: a distance without a kernel, which the engine measures for each candidate. */
class ChebyshevDistance implements Distance<"dense"> {
  readonly name = "chebyshev";
  readonly kinds = ["dense"] as const;

  between(x: VectorOf<"dense">, y: VectorOf<"dense">): number {
    return x.reduce((largest, value, i) => Math.max(largest, Math.abs(value - y[i])), 0);
  }
}

distanceSuite({ test, title: "an own distance without a kernel", triangle: true, create: () => new ChebyshevDistance() });
