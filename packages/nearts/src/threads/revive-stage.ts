import type { HashConfig, Shape, Sketch } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Stage } from "../engine/stages.js";
import { KMeansHash } from "../hashes/k-means-hash.js";
import { headFromConfig } from "../numeric/head-config.js";
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

function reviveSketch(config: HashConfig, hash: HashConfig): Sketch {
  if (config.type === RotatedCodes.type) return RotatedCodes.fromConfig(config);
  const head = hash["head"];
  if (!Array.isArray(head)) {
    throw new NearError("E_CONFIG", `codes of type ${show(config.type)} are of a head, and the hash has none`, { type: config.type });
  }
  return ProductCodes.fromConfig(config, headFromConfig(head[0] as HashConfig)); // KMeansHash put it there
}
