import type { HashConfig, Sketch } from "../core/contracts.js";
import type { DenseRows } from "../core/rows.js";
import { checkSkips, register, type Skip, type Test } from "./laws.js";
import { sketchCodeLaws } from "./sketch-laws/codes.js";
import { sketchConfigLaws } from "./sketch-laws/config.js";
import { sketchEstimateLaws } from "./sketch-laws/estimates.js";
import type { SketchSubject } from "./sketch-laws/subject.js";

/** What {@link sketchSuite} is given. */
export interface SketchSuiteOptions {
  /** `test` of the runner. */
  readonly test: Test;
  /** A new instance for vectors of `dim`, the same options and seed each time, trained where it must be, not opened. */
  readonly create: (dim: number) => Sketch;
  /** A new instance from a configuration of one for `dim`. */
  readonly fromConfig: (config: HashConfig, dim: number) => Sketch;
  /** Name under which configurations refer to its class; how the titles of the tests begin unless `title` is given. */
  readonly type: string;
  /** Kind of the vectors it is tested with ("dense"). */
  readonly kind?: "dense" | "sparse";
  /** The anchors that it was made with, where it has some. */
  readonly anchors?: (dim: number) => DenseRows;
  /** Dimension of the vectors it is mostly tested with (100). */
  readonly dim?: number;
  /** Dimensions that each get a short look (1, 3, 64, 65, 784, 4,096). */
  readonly dims?: readonly number[];
  readonly title?: string;
  /** Laws known not to hold, with reasons. */
  readonly skip?: readonly Skip[];
}

/** Every law that a sketch is held to, in the order of the tests. */
const laws = [...sketchConfigLaws, ...sketchCodeLaws, ...sketchEstimateLaws];

/** Registers a test for each promise of the contract of sketches. */
export function sketchSuite(options: SketchSuiteOptions): void {
  const { test, create, fromConfig, type, kind = "dense", anchors, dim = 100, dims = [1, 3, 64, 65, 784, 4096], skip = [] } = options;
  checkSkips(skip, laws);
  const subject: SketchSubject = { kind, dim, dims, type, create, fromConfig, anchors };
  register(test, options.title ?? type, laws, subject, skip);
}
