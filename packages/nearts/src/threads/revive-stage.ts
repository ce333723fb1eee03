import type { Shape } from "../core/contracts.js";
import type { Stage } from "../engine/stages.js";
import { KMeansHash } from "../hashes/k-means-hash.js";
import { reviveSketch } from "../revive-sketch.js";
import { ProductCodes } from "../sketches/product-codes.js";
import { RotatedCodes } from "../sketches/rotated-codes.js";
import type { StageConfig } from "./task.js";

/** What a worker can make again of a stage; null for hashes and codes other than those that an engine learns. */
export function stageConfig({ hash, sketch }: Stage): StageConfig | null {
  if (!(hash instanceof KMeansHash && hash.constructor === KMeansHash)) return null;
  if (!(sketch instanceof ProductCodes || sketch instanceof RotatedCodes)) return null;
  return { hash: hash.config(), sketch: sketch.config() };
}

/** The stage that another thread searches by: the same keys and estimates, bit by bit. E_CONFIG where the configurations do not fit together. */
export function reviveStage({ hash: config, sketch: sketchConfig }: StageConfig, number: number, shape: Shape): Stage {
  const hash = KMeansHash.fromConfig(config);
  hash.open(shape);
  const sketch = reviveSketch(sketchConfig, config);
  sketch.open(shape);
  return { number, hash, sketch };
}
