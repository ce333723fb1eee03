import { test } from "vitest";
import { type Candidates, DistanceThresholdFilter, type Filter, type FilterContext, NearestFilter, UniqueFilter } from "../../src/index.js";
import { filterSuite } from "../../src/testing/index.js";

filterSuite({ test, title: "NearestFilter of 10", order: "nearest", create: () => new NearestFilter(10) });
filterSuite({ test, title: "NearestFilter of 1", order: "nearest", create: () => new NearestFilter(1) });
filterSuite({ test, title: "DistanceThresholdFilter at 1", create: () => new DistanceThresholdFilter(1) });
filterSuite({ test, title: "DistanceThresholdFilter at 0", create: () => new DistanceThresholdFilter(0) });
filterSuite({ test, title: "DistanceThresholdFilter at Infinity", create: () => new DistanceThresholdFilter(Number.POSITIVE_INFINITY) });
filterSuite({ test, title: "UniqueFilter", create: () => new UniqueFilter() });

/** Keeps rows whose data says that they are in stock. */
class InStockFilter implements Filter {
  readonly name = "in-stock";
  readonly stage = "candidates";

  apply(candidates: Candidates, context: FilterContext<{ readonly stock: number }>): void {
    const positions = new Uint32Array(candidates.count);
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) if ((context.data(candidates.rows[i])?.stock ?? 0) > 0) positions[kept++] = i;
    candidates.keep(positions, kept);
  }
}

filterSuite({ test, title: "an own filter on data", create: () => new InStockFilter(), data: (row) => ({ stock: row % 3 }) });
