import { buckets } from "./buckets.js";
import { buildSeconds } from "./build-seconds.js";
import { bytes } from "./bytes.js";
import { candidates } from "./candidates.js";
import { distanceRatio } from "./distance-ratio.js";
import { entries } from "./entries.js";
import { epsilonRecall } from "./epsilon-recall.js";
import { latency } from "./latency.js";
import type { Measure } from "./measure.js";
import { precision } from "./precision.js";
import { queriesPerSecond } from "./queries-per-second.js";
import { recall } from "./recall.js";
import { resultSize } from "./result-size.js";
import { timeRatio } from "./time-ratio.js";

/** The measures that are built in, in the order of tables. */
export const measures: readonly Measure[] = [
  recall,
  epsilonRecall(1.01),
  epsilonRecall(1.1),
  precision,
  distanceRatio,
  resultSize,
  queriesPerSecond,
  latency(50),
  latency(95),
  latency(99),
  timeRatio,
  candidates,
  entries,
  buckets,
  buildSeconds,
  bytes,
];
