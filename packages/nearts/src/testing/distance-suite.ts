import type { Distance } from "../core/contracts.js";
import { numberLaws } from "./distance-laws/numbers.js";
import { rankLaws } from "./distance-laws/ranks.js";
import type { DistanceSubject } from "./distance-laws/subject.js";
import { checkSkips, register, type Skip, type Test } from "./laws.js";

/** What {@link distanceSuite} is given. */
export interface DistanceSuiteOptions {
  /** `test` of the runner. */
  readonly test: Test;
  /** A new instance, made the same way each time. */
  readonly create: () => Distance;
  /** Declares that it obeys the triangle inequality (false): it is then held to it. */
  readonly triangle?: boolean;
  /** Dimension of the vectors it is tested with (24). */
  readonly dim?: number;
  /** How the titles of the tests begin; the name of the distance when not given. */
  readonly title?: string;
  /** Laws known not to hold, with reasons. */
  readonly skip?: readonly Skip[];
}

/** Every law that a distance is held to, in the order of the tests. */
const laws = [...numberLaws, ...rankLaws];

/** Registers a test for each promise of the contract of distances, for each kind of vector that the distance takes. */
export function distanceSuite(options: DistanceSuiteOptions): void {
  const { test, create, triangle = false, dim = 24, title = create().name, skip = [] } = options;
  checkSkips(skip, laws);
  for (const kind of create().kinds) {
    const subject: DistanceSubject = { kind, dim, triangle, create };
    register(test, `${title} (${kind})`, laws, subject, skip);
  }
}
