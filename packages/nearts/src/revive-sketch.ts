import type { HashConfig, Sketch } from "./core/contracts.js";
import { NearError, show } from "./core/errors.js";
import { headFromConfig } from "./numeric/head-config.js";
import { MinHashCodes } from "./sketches/min-hash-codes.js";
import { ProductCodes } from "./sketches/product-codes.js";
import { RotatedCodes } from "./sketches/rotated-codes.js";

/** The sketch of a configuration, for the buckets of the hash of another: they may share a head. E_CONFIG where they do not fit together, E_UNKNOWN_PLUGIN for a class that is not built in. */
export function reviveSketch(config: HashConfig, hash: HashConfig): Sketch {
  if (config.type === MinHashCodes.type) return MinHashCodes.fromConfig(config);
  if (config.type === RotatedCodes.type) return RotatedCodes.fromConfig(config);
  if (config.type !== ProductCodes.type) {
    throw new NearError(
      "E_UNKNOWN_PLUGIN",
      `codes of the class ${show(config.type)} are not known: there are MinHashCodes, RotatedCodes and ProductCodes`,
      {
        type: config.type,
      },
    );
  }
  const head = config["head"] ?? hash["head"];
  if (!Array.isArray(head)) {
    throw new NearError("E_CONFIG", `codes of type ${show(config.type)} are of a head, and neither they nor the hash have one`, {
      type: config.type,
    });
  }
  return ProductCodes.fromConfig(config, headFromConfig(head[0] as HashConfig)); // KMeansHash put it there, or the codes themselves
}
