import type { Filter } from "../core/contracts.js";
import { type FilterSubject, filterLaws } from "./filter-laws.js";
import { checkSkips, register, type Skip, type Test } from "./laws.js";

/** What {@link filterSuite} is given. */
export interface FilterSuiteOptions {
  /** `test` of the runner. */
  readonly test: Test;
  /** A new instance, made the same way each time. */
  readonly create: () => Filter;
  /** Declares in which order the candidates come out: as they came in ("kept", when not given), or nearest first, ties by row. */
  readonly order?: "kept" | "nearest";
  /** Declares that it lets pass all that it once let pass (true). */
  readonly idempotent?: boolean;
  /** Data of the stored rows, for filters that look at it; `{ row }` when not given. */
  readonly data?: (row: number) => unknown;
  /** How the titles of the tests begin; the name of the filter when not given. */
  readonly title?: string;
  /** Laws known not to hold, with reasons. */
  readonly skip?: readonly Skip[];
}

/** Registers a test for each promise of the contract of filters. */
export function filterSuite(options: FilterSuiteOptions): void {
  const { test, create, order = "kept", idempotent = true, data = (row) => ({ row }), title = create().name, skip = [] } = options;
  checkSkips(skip, filterLaws);
  const subject: FilterSubject = { create, order, idempotent, data };
  register(test, title, filterLaws, subject, skip);
}
