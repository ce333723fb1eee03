import { builtins } from "./builtins.js";
import { NearError } from "./core/errors.js";
import type { Kind } from "./core/rows.js";
import { checkGuarantee } from "./engine/compose.js";
import { PipelineEngine } from "./engine/engine.js";
import type { EngineOptions, LoadOptions, OpenOptions, SnapshotSource } from "./engine/options.js";
import { checkLoadOptions, requireExpected, requireKept, understood } from "./load-checks.js";
import { optionsFor, recallOf } from "./schema-options.js";
import { loadSnapshot } from "./snapshot/load.js";
import type { Meta } from "./snapshot/meta.js";
import { MemoryStorage } from "./storage/memory/memory-storage.js";

/** An index of vectors and the pipeline that searches it, with everything built in at hand. `Data` is what you attach to vectors. */
export class Engine<Data = unknown, K extends Kind = "dense"> extends PipelineEngine<Data, K> {
  constructor(options: EngineOptions<K>) {
    super(options, builtins);
  }

  /** The index that a storage already holds, with the hashes it was made with. E_NOT_FOUND where it holds none; E_UNKNOWN_PLUGIN names a class to pass in `plugins`. */
  static async open<Data = unknown, K extends Kind = Kind>(options: OpenOptions): Promise<Engine<Data, K>> {
    const { storage } = options;
    const schema = await storage.schema();
    if (schema === null)
      throw new NearError("E_NOT_FOUND", `the ${storage.name} storage holds no index: make one with new Engine({ dim, storage })`, {});
    return new Engine<Data, K>(optionsFor(schema, storage, options));
  }

  /**
   * The index that `engine.save` wrote, in memory: hashes, codes, vectors, ids, data and tuning are as they were, nothing is learned again. What is not sound
   * is refused, and nothing of it given out. E_CORRUPT names the section and the byte; E_VERSION, E_UNKNOWN_PLUGIN, E_SCHEMA_MISMATCH for what is not
   * `expected`, E_MEMORY, E_IO.
   */
  static async load<Data = unknown, K extends Kind = Kind>(source: SnapshotSource, options: LoadOptions<K> = {}): Promise<Engine<Data, K>> {
    const threads = checkLoadOptions(options);
    const { maxBytes, onProgress, signal } = options;
    let engine: Engine<Data, K> | undefined;
    const open = async (meta: Meta) => {
      requireExpected(meta.schema, options.expected);
      checkGuarantee(options.guarantee, recallOf(meta.schema, options.recall), meta.schema.hashes.length);
      const limits = maxBytes === undefined ? {} : { maxBytes };
      const storage = new MemoryStorage({ ...limits, outlines: meta.outlines, threads });
      engine = await understood(() => Engine.#over<Data, K>(meta, storage, options, threads));
      return storage;
    };
    await loadSnapshot(source, { open, onProgress, signal, maxBytes });
    return engine as Engine<Data, K>; // `open` was called, or it has thrown
  }

  /** An engine over a storage without rows, which knows what was learned. */
  static async #over<Data, K extends Kind>(
    meta: Meta,
    storage: MemoryStorage,
    options: LoadOptions<K>,
    threads: number,
  ): Promise<Engine<Data, K>> {
    const { schema, knowledge, configs } = meta;
    const engine = new Engine<Data, K>({ ...optionsFor<K>(schema, storage, options), threads });
    await engine.size();
    requireKept(storage.parts.schema, schema);
    for (const config of configs) storage.storeConfig(config);
    if (knowledge === null) return engine;
    storage.keep(knowledge);
    await engine.recall();
    if (knowledge.learned === null) return engine;
    // Only now is it known that its tables and codes are those of such a hash.
    storage.resident.settle(storage.resident.addHash(knowledge.learned.hash));
    // Whether what was learned is all there shows when it is asked.
    await engine.neighbours(engine.kind === "set" ? [] : Float32Array.from({ length: engine.dim }, () => 1));
    return engine;
  }
}
