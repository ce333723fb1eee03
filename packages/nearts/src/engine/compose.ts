import { parallelism } from "#platform";
import type { Distance, Filter, Hash, Precision, Shape, Sketch, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkFields, type FieldTypes } from "../core/fields.js";
import type { Kind } from "../core/rows.js";
import type { Batches } from "./batches.js";
import { Guarantee } from "./guarantee.js";
import { checkFlag, refuseUnknown, requireOptions, requireStorage } from "./guards.js";
import type { EngineOptions, Registry } from "./options.js";
import { checkFilters, resolveDistance } from "./plan.js";
import { checkShape, openHashes, requireLearnable, requireServed } from "./shape.js";
import { type Stage, Stages } from "./stages.js";
import { checkRecall } from "./tune-options.js";

/** What an engine is made of, checked. */
export interface Composition {
  readonly shape: Shape;
  readonly distance: Distance;
  readonly storage: Storage;
  readonly stages: Stages;
  /** The stages that are not learned: part of the schema. */
  readonly given: readonly Stage[];
  readonly filters: readonly Filter[];
  /** Declared fields of the data; none where not given. */
  readonly fields: FieldTypes;
  /** Whether all searches are exact, as all vectors are in one bucket and nothing will be learned. */
  readonly exact: boolean;
  /** The recall asked for, and whether the index learns how to reach it. */
  readonly recall: number | undefined;
  readonly learns: boolean;
  /** How queries are read that are promised something; undefined where none is. */
  readonly guarantee: Guarantee | undefined;
  /** Precision in which vectors are stored. */
  readonly precision: Precision;
  /** Threads that answer batches, and what does so where they are several. */
  readonly threads: number;
  readonly batches: Batches | undefined;
}

/** Threads of an engine, and those of one that says "auto". */
const mostThreads = 64;
const mostAutomatic = 8;

const optionNames = [
  "dim",
  "kind",
  "distance",
  "recall",
  "guarantee",
  "hashes",
  "codes",
  "vectors",
  "gauge",
  "fields",
  "filters",
  "storage",
  "maxBytes",
  "threads",
];

/** The parts of an engine with these options; refuses those that cannot be, or do not fit together. */
export function compose<K extends Kind>(options: EngineOptions<K>, registry: Registry): Composition {
  requireOptions(options, "an engine");
  refuseUnknown(options, optionNames, "an engine");
  const shape = checkShape(options);
  const usual = shape.kind === "bits" ? "hamming" : shape.kind === "set" ? "jaccard" : "cosine";
  const distance = resolveDistance(options.distance === undefined ? usual : options.distance, shape.kind, registry);
  const recall = options.recall === undefined ? undefined : checkRecall(options.recall);
  const brought = givenHashes(options.hashes);
  const learns = recall !== undefined && brought.length === 0;
  if (learns) requireLearnable(shape, distance);
  const codes = codesOf(options.codes, learns);
  // A storage that does not let its hashes be changed is searched exactly.
  const learnable = options.storage === undefined || options.storage?.resident !== undefined || options.storage?.shared !== undefined;
  const hashes = brought.length > 0 || (learns && learnable) ? brought : [registry.exact()];
  openHashes(hashes, shape);
  requireServed(hashes, distance, Object.keys(registry.distances), registry.hashes);
  const filters = options.filters === undefined ? [registry.unique(), registry.nearest(10)] : options.filters;
  checkFilters(filters);
  const fields = checkFields(options.fields === undefined ? {} : options.fields);
  checkFlag("gauge", options.gauge);
  const precision = precisionOf(options.vectors, shape);
  const threads = threadsOf(options.threads);
  const storage = storageOf(options, learns, threads, registry);
  const batches = threads === 1 ? undefined : registry.batches(storage, threads);
  if (batches === undefined && threads > 1 && options.threads !== "auto") refuseThreads(storage, threads);
  const given = hashes.map((hash, number) => stageOf(hash, number, codes, { shape, distance, registry }));
  const stages = given.length === 0 ? learnedStages(storage, shape, distance) : new Stages(given);
  checkGuarantee(options.guarantee, recall, brought.length);
  const asked = options.guarantee === undefined ? undefined : new Guarantee(storage, stages, distance, recall ?? 0);
  // What is within a distance is read by the law of the keys, which tells how much of it that finds.
  const guarantee = asked ?? (learns && shape.kind === "set" ? new Guarantee(storage, stages, distance, recall, true) : undefined);
  const exact = codes === undefined && given.length === 1 && given[0].hash.constructor === registry.exact().constructor;
  return { shape, distance, storage, stages, given, exact, filters, fields, recall, learns, guarantee, precision, threads, batches };
}

const learned = new WeakMap<Storage, Map<string, Stages>>();

/** What is learned about a storage: the same for all engines over it, so that each writes what the others search by. */
function learnedStages(storage: Storage, { kind, dim }: Shape, { name }: Distance): Stages {
  const known = learned.get(storage) ?? new Map<string, Stages>();
  learned.set(storage, known);
  // Of engines of other vectors or distances only one can open the storage.
  const made = `${kind}, ${dim}, ${name}`;
  const stages = known.get(made) ?? new Stages([]);
  known.set(made, stages);
  return stages;
}

function givenHashes(hashes: unknown): readonly Hash[] {
  if (hashes === undefined) return [];
  if (Array.isArray(hashes)) return hashes as readonly Hash[]; // openHashes looks at each
  throw new NearError("E_BAD_OPTION", `hashes is ${show(hashes)}; give an array of hashes`, {});
}

/** E_BAD_OPTION for a guarantee without a recall below 1 and hashes to give it. */
export function checkGuarantee(guarantee: unknown, recall: number | undefined, hashes: number): void {
  if (guarantee === undefined) return;
  if (guarantee !== "per-query") {
    throw new NearError("E_BAD_OPTION", `guarantee is ${show(guarantee)}; give "per-query", or leave it out`, { guarantee });
  }
  if (recall !== undefined && recall < 1 && hashes > 0) return;
  const message = `guarantee: "per-query" bounds what the given hashes may miss, and there are ${hashes} of them and a recall of ${show(recall)}: give hashes, and a recall below 1`;
  throw new NearError("E_BAD_OPTION", message, { guarantee, recall, hashes });
}

/** E_BAD_OPTION for no precision, E_UNSUPPORTED for one that vectors of this kind do not have. */
function precisionOf(vectors: unknown, { kind }: Shape): Precision {
  if (vectors === undefined || vectors === "f32") return "f32";
  if (vectors !== "f16" && vectors !== "i8") {
    throw new NearError("E_BAD_OPTION", `vectors is ${show(vectors)}; give "f32", "f16" or "i8"`, { vectors });
  }
  if (kind === "dense") return vectors;
  throw new NearError("E_UNSUPPORTED", `vectors is ${show(vectors)}, and ${kind} vectors have no such precision: leave it out`, {
    vectors,
    kind,
  });
}

/** How many threads an option means. E_BAD_OPTION for no number of threads. */
export function threadsOf(threads: unknown): number {
  if (threads === "auto") return Math.min(parallelism(), mostAutomatic);
  if (threads === undefined) return 1;
  if (Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= mostThreads) return threads as number; // an integer
  throw new NearError("E_BAD_OPTION", `threads is ${show(threads)}; give an integer from 1 to ${mostThreads}, or "auto"`, { threads });
}

function refuseThreads(storage: Storage, threads: number): never {
  const message = `threads is ${threads}, and the ${storage.name} storage you brought is for one: make it with new MemoryStorage({ threads: ${threads} }), or leave threads out`;
  throw new NearError("E_BAD_OPTION", message, { threads, storage: storage.name });
}

function storageOf<K extends Kind>(
  { storage, maxBytes, codes }: EngineOptions<K>,
  learns: boolean,
  threads: number,
  registry: Registry,
): Storage {
  if (storage !== undefined && maxBytes !== undefined) {
    const message = "maxBytes is for the memory storage that an engine makes itself: give it to the storage you brought";
    throw new NearError("E_BAD_OPTION", message, {});
  }
  if (storage !== undefined) {
    requireStorage(storage);
    return storage;
  }
  // With codes in the buckets few vectors are read, and outlines of them are of no use.
  const coded = learns || (codes !== undefined && codes !== false);
  const limits = maxBytes === undefined ? {} : { maxBytes };
  return registry.storage({ ...limits, ...(coded ? { outlines: false } : {}), ...(threads === 1 ? {} : { threads }) });
}

/** The codes asked for: bits per dimension, or a sketch of somebody's own; undefined for none. E_BAD_OPTION for anything else, or where the index learns codes of its own. */
function codesOf(codes: unknown, learns: boolean): 1 | 2 | 4 | Sketch | undefined {
  if (codes === undefined) return undefined;
  if (learns) {
    const message = `codes is ${show(codes)}, and an engine with a recall and no hashes learns codes of its own: leave codes out, or give hashes`;
    throw new NearError("E_BAD_OPTION", message, { codes });
  }
  if (typeof codes === "boolean") return codes ? 1 : undefined;
  if (typeof codes === "object" && codes !== null && "encode" in codes) return codes as Sketch; // its shape and metric are checked when it is opened
  const bits = typeof codes === "object" && codes !== null && "bits" in codes ? codes.bits : undefined;
  if (bits !== 1 && bits !== 2 && bits !== 4) {
    const got = bits === undefined ? show(codes) : `{ bits: ${show(bits)} }`;
    throw new NearError("E_BAD_OPTION", `codes is ${got}; give true, false, { bits } with 1, 2 or 4 bits per dimension, or a sketch`, {
      codes,
    });
  }
  refuseUnknown(codes as object, ["bits"], "codes"); // it has bits
  return bits;
}

function stageOf(
  hash: Hash,
  number: number,
  codes: 1 | 2 | 4 | Sketch | undefined,
  { shape, distance, registry }: { readonly shape: Shape; readonly distance: Distance; readonly registry: Registry },
): Stage {
  if (codes === undefined) return { number, hash, sketch: null };
  if (typeof codes !== "number") return { number, hash, sketch: openSketch(codes, shape, distance) };
  if (distance.metric === undefined) {
    throw new NearError(
      "E_UNSUPPORTED",
      `codes cannot estimate the ${distance.name} distance: leave them out, or choose another distance`,
      {},
    );
  }
  const anchors = hash.anchors?.();
  const sketch = registry.codes({ metric: distance.metric, bits: codes, ...(anchors === undefined ? {} : { anchors }) });
  sketch.open(shape);
  return { number, hash, sketch };
}

/** A sketch of somebody's own, opened; E_BAD_OPTION where it estimates other ranks than the engine's distance has. */
function openSketch(sketch: Sketch, shape: Shape, distance: Distance): Sketch {
  if (distance.metric === undefined || sketch.metric !== distance.metric) {
    const message = `codes estimate ranks of ${show(sketch.metric)} and the ${distance.name} distance has those of ${show(distance.metric)}: make them for this distance`;
    throw new NearError("E_BAD_OPTION", message, { codes: sketch.metric, metric: distance.metric });
  }
  sketch.open(shape);
  return sketch;
}
