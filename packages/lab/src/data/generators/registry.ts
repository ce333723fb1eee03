import { clusters } from "./clusters.js";
import type { Generator } from "./generator.js";
import { lowDimension } from "./low-dimension.js";
import { planted } from "./planted.js";
import { skewed } from "./skewed.js";
import { uniform } from "./uniform.js";

/** The synthetic generators, by name: a new one is a file beside this and a line here. */
export const generators: Readonly<Record<GeneratorName, Generator>> = {
  uniform,
  clusters,
  "low-dimension": lowDimension,
  planted,
  skewed,
};

/** What can be generated. */
export type GeneratorName = "uniform" | "clusters" | "low-dimension" | "planted" | "skewed";
