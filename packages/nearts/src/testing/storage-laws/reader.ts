import { Candidates } from "../../core/columns.js";
import type { Metric, RowReader, Storage } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { type Kind, type Rows, rowAt, slice, type VectorOf } from "../../core/rows.js";
import { arbitraryRows } from "../arbitraries.js";
import { expectClose, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { assertNearEqual, type Ranked } from "../near-equal.js";
import { metricsOf, type Measured, measured } from "./metrics.js";
import { batchOf, itemsOf, opened, randomOf, type StorageSubject } from "./subject.js";

/** What the reader that a fetch gives promises of ranking stored rows where they lie. */
export const readerLaws: readonly Law<StorageSubject>[] = [
  { name: "rank writes the rank of each candidate, repeats included", check: (subject) => forEachMetric(subject, ranks) },
  { name: "nearest keeps the best up to the limit and within the bound, best first, ties by row", check: (subject) => forEachMetric(subject, keepsNearest) },
  { name: "nearestOfMany gives each query its nearest, in order, and leaves the candidates alone", check: (subject) => forEachMetric(subject, keepsNearestOfMany) },
  { name: "exact writes float64 values, or says that it cannot and writes nothing", check: (subject) => forEachMetric(subject, measuresExactly) },
  { name: "ranking many rows finds the best of them, and changes no stored vector", check: ranksMany },
];
