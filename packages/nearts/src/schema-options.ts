import { builtins } from "./builtins.js";
import type { Distance, Filter, Hash, HashClass, HashConfig, Schema, Storage } from "./core/contracts.js";
import { NearError, show } from "./core/errors.js";
import type { Kind } from "./core/rows.js";
import type { EngineOptions } from "./engine/options.js";
import { reviveHash } from "./engine/schema.js";
import { reviveSketch } from "./revive-sketch.js";

/** What an index does not say of itself. */
export interface OwnParts {
  readonly plugins?: readonly (HashClass | Distance)[] | undefined;
  readonly filters?: readonly Filter[] | undefined;
  readonly recall?: number | undefined;
  readonly guarantee?: "per-query" | undefined;
}

/** The options of an engine for an index with this schema, over a storage. E_UNKNOWN_PLUGIN names what to pass in `plugins`. */
export function optionsFor<K extends Kind>(
  schema: Schema,
  storage: Storage,
  { plugins = [], filters, guarantee, ...own }: OwnParts,
): EngineOptions<K> {
  const [field] = schema.fields;
  const classes = plugins.filter((plugin) => "fromConfig" in plugin);
  const distance = plugins.find((plugin) => "between" in plugin && plugin.name === schema.distance);
  if (distance === undefined && !Object.hasOwn(builtins.distances, schema.distance)) {
    const known = Object.keys(builtins.distances).join(", ");
    const message = `the index is made for the distance ${show(schema.distance)}, which is not known: pass it in plugins (known: ${known})`;
    throw new NearError("E_UNKNOWN_PLUGIN", message, { distance: schema.distance });
  }
  const recall = recallOf(schema, own.recall);
  const promised = guarantee ?? (schema.guarantee === undefined ? undefined : "per-query");
  return {
    dim: field.dim,
    kind: field.kind as K, // the caller names the kind; a wrong one shows in the types only
    distance: (distance ?? schema.distance) as NonNullable<EngineOptions<K>["distance"]>, // a distance for another kind is refused by the engine
    hashes: schema.hashes.map((hash) => hashFromConfig(hash.config, classes)),
    ...(schema.dataFields === undefined ? {} : { fields: schema.dataFields }),
    ...(recall === undefined ? {} : { recall }),
    ...codesOf(schema),
    ...(field.precision === "f32" ? {} : { vectors: field.precision }),
    storage,
    ...(filters === undefined ? {} : { filters }),
    ...(promised === undefined ? {} : { guarantee: promised }),
  };
}

/** The recall of an index that has learned, else the one given, else the one that its queries are promised; E_BAD_OPTION for another than was learned for. */
export function recallOf({ recall, guarantee }: Schema, given: number | undefined): number | undefined {
  if (recall === undefined || given === undefined || recall === given) return recall ?? given ?? guarantee?.recall;
  throw new NearError("E_BAD_OPTION", `recall is ${show(given)}, and the index has learned for ${recall}: leave it out`, { recall, given });
}

/** The hash that a configuration describes: a built-in one, or of one of `classes`. E_UNKNOWN_PLUGIN, E_CONFIG. */
export function hashFromConfig(config: HashConfig, classes: readonly HashClass[] = []): Hash {
  return reviveHash(config, [...classes, ...builtins.hashes]);
}

/** The codes of an index, as the option they were asked for by. */
function codesOf({ hashes }: Schema): Pick<EngineOptions, "codes"> {
  const coded = hashes.find(({ sketch }) => sketch !== undefined);
  if (coded?.sketch === undefined) return {};
  const { bits, seed, type } = coded.sketch.config;
  // Those that an engine makes itself differ by the anchors of each hash.
  if (type === "RotatedCodes" && seed === 1 && (bits === 1 || bits === 2 || bits === 4)) return { codes: { bits } };
  return { codes: reviveSketch(coded.sketch.config, coded.config) };
}
