import { Candidates, Engine, type Hash, MemoryStorage, type Neighbour, Probes, type Rows } from "nearts";
import { familyOf, type Settings } from "./settings.js";

/** Everything one query did, as row numbers. */
export interface Answer {
  /** The buckets it read; empty where all vectors were compared. */
  readonly probes: Probes;
  /** Vectors in the probed buckets, each once. */
  readonly candidates: Uint32Array;
  /** Those whose exact distance was measured: without codes, all candidates. */
  readonly survivors: Uint32Array;
  readonly found: readonly Neighbour<unknown>[];
  /** The true neighbours, and which of them were not found. */
  readonly truth: readonly Neighbour<unknown>[];
  readonly missed: readonly Neighbour<unknown>[];
  readonly recall: number;
}

/** Vectors in an engine of the library, with a look at what its pipeline does. */
export class Scene {
  readonly rows: Rows<"dense">;
  readonly settings: Settings;
  /** Null for exact search. */
  readonly hash: Hash | null;
  readonly #engine: Engine;
  readonly #scans: Scans;

  private constructor(rows: Rows<"dense">, settings: Settings) {
    const { distance, codes } = settings;
    this.rows = rows;
    this.settings = settings;
    this.hash = familyOf(settings.family).make(settings, rows);
    const storage = new MemoryStorage();
    this.#scans = watchScans(storage);
    const hashes = this.hash === null ? {} : { hashes: [this.hash], ...(codes ? { codes: { bits: 4 } as const } : {}) };
    this.#engine = new Engine({ dim: rows.dim, distance, storage, ...hashes });
  }

  /** Stores all rows, by their numbers. Rejects with the library's error where it refuses them. */
  static async of(rows: Rows<"dense">, settings: Settings): Promise<Scene> {
    const scene = new Scene(rows, settings);
    await scene.#engine.storeManyVectors(rows);
    return scene;
  }

  /** Asks the engine, and exactly. */
  async ask(query: Float32Array): Promise<Answer> {
    const { k, probes } = this.settings;
    this.#scans.take();
    const found = await this.#engine.neighbours(query, { k, probes });
    const scanned = this.#scans.take();
    const truth = await this.#engine.neighbours(query, { k, exact: true });
    const everything = Uint32Array.from({ length: this.rows.count }, (_, row) => row);
    const ids = new Set(found.map(({ id }) => id));
    const farthest = truth.at(-1)?.distance ?? 0;
    // Ties count, as in the lab: whoever is no farther than the last true neighbour is right.
    const right = found.filter(({ distance }) => distance <= farthest).length;
    return {
      probes: scanned?.probes ?? new Probes(),
      candidates: scanned === null ? everything : this.#scans.candidatesOf(scanned.probes),
      survivors: scanned?.survivors ?? everything,
      found,
      truth,
      missed: right < truth.length ? truth.filter(({ id }) => !ids.has(id)) : [],
      recall: truth.length === 0 ? 1 : right / truth.length,
    };
  }

  /** Mean recall and candidates of `queries`. */
  async average(queries: Rows<"dense">): Promise<{ readonly recall: number; readonly candidates: number }> {
    let [recall, candidates] = [0, 0];
    for (let q = 0; q < queries.count; q++) {
      const answer = await this.ask(queries.values.subarray(q * queries.dim, (q + 1) * queries.dim));
      recall += answer.recall / queries.count;
      candidates += answer.candidates.length / queries.count;
    }
    return { recall, candidates };
  }
}

/** What one scan of the pipeline read. */
interface Scanned {
  readonly probes: Probes;
  readonly survivors: Uint32Array;
}

interface Scans {
  /** What the last scan read, since this was asked before; null where there was none. */
  take(): Scanned | null;
  /** All rows in the buckets of `probes`, each once. */
  candidatesOf(probes: Probes): Uint32Array;
}

/** Has a storage note what its scans read. */
function watchScans(storage: MemoryStorage): Scans {
  const scan = storage.scan.bind(storage);
  let last: Scanned | null = null;
  storage.scan = (probes, plan, out) => {
    scan(probes, plan, out); // at once, in memory
    last = { probes: copyOf(probes), survivors: out.rows.slice(0, out.count) };
  };
  return {
    take() {
      const taken = last;
      last = null;
      return taken;
    },
    candidatesOf(probes) {
      const out = new Candidates();
      scan(probes, { unique: true }, out);
      return out.rows.slice(0, out.count);
    },
  };
}

function copyOf(probes: Probes): Probes {
  const copy = new Probes();
  for (let p = 0; p < probes.count; p++) {
    copy.hash = probes.hashes[p];
    copy.add(probes.tables[p], probes.hi[p], probes.lo[p], probes.scores[p], probes.prefixBits[p]);
  }
  return copy;
}
