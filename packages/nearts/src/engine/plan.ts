import type { Distance, Filter, RowSet } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Kind } from "../core/rows.js";
import type { NeighbourOptions, Registry } from "./options.js";
import type { Effort } from "./stages.js";
import type { CompiledWhere } from "./where.js";

/** One query's options, checked and decided. */
export interface QueryPlan {
  /** null: nothing is measured. */
  readonly distance: Distance | null;
  /** Each stored vector once. */
  readonly unique: boolean;
  readonly scanFilters: readonly Filter[];
  readonly candidateFilters: readonly Filter[];
  readonly distanceFilters: readonly Filter[];
  /** Only the `nearest` so many, or those `within`, can pass all distance filters; undefined where some filter must see everything. */
  readonly nearest: number | undefined;
  readonly within: number | undefined;
  /** Sort what is left by distance. */
  readonly sorted: boolean;
  /** Buckets to read per table; undefined: as many as the engine is tuned for. */
  readonly probes: number | undefined;
  /** Whether candidates may be chosen by their codes: where nothing but the distance decides. */
  readonly byCodes: boolean;
  /** Every stored vector is a candidate, whatever the hashes say. */
  readonly exact: boolean;
  /** Which rows may be found, by their data; null: all. What `indexed` says of it is looked up at each scan. */
  readonly where: CompiledWhere | null;
  /** Whether the rest of `where` is asked in the order of ranks, only until there are enough; else it is asked of all, before the candidate filters. */
  readonly asksInOrder: boolean;
  /** The nearest so many are sought by codes, as not all of them pass `where`; undefined: as many as `nearest`. */
  readonly sought?: number;
  /** How much is read; undefined: as the engine is tuned. */
  readonly effort?: Effort;
  /** Only these rows. */
  readonly allowed?: RowSet;
  readonly includeVector: boolean;
}

const mostProbes = 65_536;

/** Decides how a query runs; refuses what cannot be (E_BAD_OPTION, E_LIMIT, E_UNSUPPORTED). */
export function planQuery(
  options: NeighbourOptions,
  defaults: { distance: Distance; filters: readonly Filter[]; kind: Kind },
  registry: Registry,
  where: CompiledWhere | null = null,
): QueryPlan {
  const { k, within, probes, includeVector = false, exact = false } = options;
  if (probes !== undefined && (!Number.isInteger(probes) || probes < 1 || probes > mostProbes)) {
    throw new NearError("E_LIMIT", `probes is ${show(probes)}; read 1 to ${mostProbes} buckets per table`, { probes, limit: mostProbes });
  }
  const distance = distanceOf(options.distance, defaults, registry);
  const radius = within !== undefined && k === undefined && options.filters === undefined;
  if (options.filters !== undefined && options.filters !== false) checkFilters(options.filters);
  const filters = composed(options, defaults.filters, registry, radius);
  const given = options.filters !== undefined || k !== undefined || within !== undefined;
  const onDistances = filters.filter((filter) => filter.stage === "distances");
  if (distance === null && given && onDistances.length > 0) {
    const name = onDistances[0].name;
    throw new NearError("E_BAD_OPTION", `the filter ${show(name)} needs distances, but distance is false: drop one of the two`, {
      filter: name,
    });
  }
  const measured = distance === null ? [] : onDistances;
  const bounded = measured.length > 0 && measured.every((filter) => filter.bound !== undefined);
  const scanFilters = filters.filter((filter) => filter.stage === "scan" && filter.unique !== true);
  const candidateFilters = filters.filter((filter) => filter.stage === "candidates");
  const unique = filters.some((filter) => filter.unique === true);
  // Codes choose the nearest of the rows, not of what own filters leave of them.
  const onlyDistances = bounded && unique && scanFilters.length + candidateFilters.length === 0;
  const rest = where?.rest ?? null;
  const asksInOrder = rest !== null && onlyDistances && distance?.metric !== undefined && distance.toRank !== undefined;
  return {
    distance,
    unique,
    scanFilters,
    candidateFilters,
    byCodes: !exact && onlyDistances && (rest === null || asksInOrder),
    distanceFilters: measured,
    nearest: bounded ? least(measured.map((filter) => filter.bound?.nearest)) : undefined,
    within: bounded ? least(measured.map((filter) => filter.bound?.within)) : undefined,
    exact,
    where,
    asksInOrder,
    sorted: radius && distance !== null,
    probes,
    includeVector,
  };
}

/** The distance meant by a name or given as such; E_BAD_OPTION or E_UNSUPPORTED where it does not fit the kind of vector. */
export function resolveDistance(distance: string | Distance, kind: Kind, registry: Registry): Distance {
  if (typeof distance === "string" && !Object.hasOwn(registry.distances, distance)) {
    const known = Object.keys(registry.distances).join(", ");
    throw new NearError("E_BAD_OPTION", `distance ${show(distance)} is not known: give one of ${known}, or a distance of your own`, {
      distance,
    });
  }
  const resolved = typeof distance === "string" ? registry.distances[distance as keyof Registry["distances"]]() : distance; // own key, see above
  if (typeof resolved?.between !== "function" || typeof resolved.name !== "string") {
    throw new NearError("E_BAD_OPTION", `distance is ${show(distance)}; give a name, or an object with name, kinds and between(x, y)`, {});
  }
  if (!Array.isArray(resolved.kinds)) {
    const message = `the ${resolved.name} distance says its kinds are ${show(resolved.kinds)}; give a list, such as ["dense"]`;
    throw new NearError("E_BAD_OPTION", message, { distance: resolved.name });
  }
  if (!resolved.kinds.includes(kind)) {
    const fitting = Object.entries(registry.distances).flatMap(([name, make]) => (make().kinds.includes(kind) ? [name] : []));
    const message = `the ${resolved.name} distance measures ${resolved.kinds.join(" and ")} vectors, the index holds ${kind} ones: choose ${fitting.join(" or ")}`;
    throw new NearError("E_UNSUPPORTED", message, { distance: resolved.name, kinds: resolved.kinds, kind });
  }
  return resolved;
}

/** Refuses (E_BAD_OPTION) what is no list of filters: a filter of no known stage would never be applied. */
export function checkFilters(filters: unknown): void {
  if (!Array.isArray(filters))
    throw new NearError("E_BAD_OPTION", `filters is ${show(filters)}; give an array of filters (of a query also false)`, { filters });
  for (const filter of filters as readonly (Partial<Filter> | null | undefined)[]) {
    if (typeof filter?.apply === "function" && stages.has(filter.stage)) continue;
    const message = `${show(filter)} among the filters is none: give instances, such as new NearestFilter(10), or objects with name, stage (${[...stages].join(", ")}) and apply`;
    throw new NearError("E_BAD_OPTION", message, { stage: filter?.stage });
  }
}

const stages: ReadonlySet<unknown> = new Set<Filter["stage"]>(["scan", "candidates", "distances"]);

function distanceOf(
  given: NeighbourOptions["distance"],
  defaults: { distance: Distance; kind: Kind },
  registry: Registry,
): Distance | null {
  if (given === false) return null;
  return given === undefined ? defaults.distance : resolveDistance(given, defaults.kind, registry);
}

/** The filters of this query: its own or the engine's, with `k` and `within` in place of those that do the same. */
function composed(options: NeighbourOptions, engine: readonly Filter[], registry: Registry, radius: boolean): readonly Filter[] {
  const { k, within, distance } = options;
  const base = options.filters === false ? [] : (options.filters ?? engine);
  // Without distances the engine's own distance filters have nothing to do; those asked for in this query are an error, found later.
  const kept = distance === false && options.filters === undefined ? base.filter((filter) => filter.stage !== "distances") : base;
  const others = k === undefined && !radius ? kept : kept.filter((filter) => filter.bound?.nearest === undefined);
  return [...others, ...(within === undefined ? [] : [registry.within(within)]), ...(k === undefined ? [] : [registry.nearest(k)])];
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
