import { builtins } from "./builtins.js";
import type { Hash, HashClass, HashConfig, Schema } from "./core/contracts.js";
import { NearError, show } from "./core/errors.js";
import type { Kind } from "./core/rows.js";
import { PipelineEngine } from "./engine/engine.js";
import type { EngineOptions, OpenOptions } from "./engine/options.js";
import { reviveHash } from "./engine/schema.js";

/** An index of vectors and the pipeline that searches it, with everything built in at hand. `Data` is what you attach to vectors. */
export class Engine<Data = unknown, K extends Kind = "dense"> extends PipelineEngine<Data, K> {
  constructor(options: EngineOptions<K>) {
    super(options, builtins);
  }

  /** The index that a storage already holds, with the hashes it was made with. E_NOT_FOUND where it holds none; E_UNKNOWN_PLUGIN names a class to pass in `plugins`. */
  static async open<Data = unknown, K extends Kind = Kind>(options: OpenOptions): Promise<Engine<Data, K>> {
    const { storage, plugins = [], filters } = options;
    const schema = await storage.schema();
    if (schema === null)
      throw new NearError("E_NOT_FOUND", `the ${storage.name} storage holds no index: make one with new Engine({ dim, storage })`, {});
    const [field] = schema.fields;
    const classes = plugins.filter((plugin) => "fromConfig" in plugin);
    const own = plugins.find((plugin) => "between" in plugin && plugin.name === schema.distance);
    if (own === undefined && !Object.hasOwn(builtins.distances, schema.distance)) {
      const known = Object.keys(builtins.distances).join(", ");
      const message = `the index is made for the distance ${show(schema.distance)}, which is not known: pass it in plugins (known: ${known})`;
      throw new NearError("E_UNKNOWN_PLUGIN", message, { distance: schema.distance });
    }
    const parts: EngineOptions<K> = {
      dim: field.dim,
      kind: field.kind as K, // the caller names the kind; a wrong one shows in the types only
      distance: (own ?? schema.distance) as NonNullable<EngineOptions<K>["distance"]>, // a distance for another kind is refused by the engine
      hashes: schema.hashes.map((hash) => hashFromConfig(hash.config, classes)),
      ...(schema.dataFields === undefined ? {} : { fields: schema.dataFields }),
      ...(schema.recall === undefined ? {} : { recall: schema.recall }),
      ...codesOf(schema),
      ...(field.precision === "f32" ? {} : { vectors: field.precision }),
      storage,
    };
    return new Engine<Data, K>(filters === undefined ? parts : { ...parts, filters });
  }
}

/** The codes of an index, as the option they were asked for by. */
function codesOf({ hashes }: Schema): { readonly codes?: { readonly bits: 1 | 2 | 4 } } {
  const bits = hashes.find(({ sketch }) => sketch !== undefined)?.sketch?.config["bits"];
  return bits === 1 || bits === 2 || bits === 4 ? { codes: { bits } } : {};
}

/** The hash that a configuration describes: a built-in one, or of one of `classes`. E_UNKNOWN_PLUGIN, E_CONFIG. */
export function hashFromConfig(config: HashConfig, classes: readonly HashClass[] = []): Hash {
  return reviveHash(config, [...classes, ...builtins.hashes]);
}
