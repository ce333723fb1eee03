import { Engine, type Rows } from "nearts";
import { clusteredRows } from "./points.js";
import { familyOf, type Settings } from "./settings.js";

export const RACE = { rows: 10_000, queries: 200, dim: 64, k: 10 } as const;

/** Milliseconds that one engine is asked for, at least, and that pass before the page has its turn. */
const ASKED = 1000;
const TURN = 40;

/** What came of one engine. */
export interface Raced {
  readonly buildSeconds: number;
  readonly queriesPerSecond: number;
  readonly recall: number;
  readonly candidates: number;
}

/** The vectors and queries of the second tab, with the exact answers, made once. */
export class Race {
  readonly base: Rows<"dense"> = clusteredRows(RACE.rows, RACE.dim, "base");
  readonly queries: Rows<"dense"> = clusteredRows(RACE.queries, RACE.dim, "queries");
  #truth: Promise<Float64Array> | null = null;

  /** Builds an engine, asks it one query after the other for a second, and compares with exact search. `recall` in place of settings: the engine learns. */
  async run(settings: Settings | { readonly recall: number }): Promise<Raced> {
    this.#truth ??= this.#farthest();
    const limits = await this.#truth;
    const begun = performance.now();
    const engine = await this.#build(settings);
    const buildSeconds = (performance.now() - begun) / 1000;
    const read = "probes" in settings ? { probes: settings.probes } : {};
    const asked = { ...read, k: RACE.k };
    let right = 0;
    let candidates = 0;
    for (let q = 0; q < RACE.queries; q++) {
      const found = await engine.neighbours(this.#query(q), asked);
      right += found.filter(({ distance }) => distance <= limits[q]).length;
      candidates += (await engine.candidateCount(this.#query(q), read)).unique;
      if (q % 20 === 0) await turn();
    }
    const queriesPerSecond = await this.#measure((q) => engine.neighbours(this.#query(q), asked));
    // A learned engine stops reading when the codes say that nothing nearer can come: its trial knows where.
    const { scanned = candidates / RACE.queries } = await engine.plan();
    await engine.close();
    return { buildSeconds, queriesPerSecond, recall: right / RACE.queries / RACE.k, candidates: scanned };
  }

  async #build(settings: Settings | { readonly recall: number }): Promise<Engine> {
    const { base } = this;
    const options = { dim: RACE.dim, distance: "euclidean" } as const;
    if (!("family" in settings)) {
      const engine = new Engine({ ...options, recall: settings.recall, gauge: false });
      await engine.storeManyVectors(base);
      await engine.train();
      return engine;
    }
    const hash = familyOf(settings.family).make(settings, base);
    const codes = settings.codes ? { codes: { bits: 4 } as const } : {};
    const engine = new Engine({ ...options, ...(hash === null ? {} : { hashes: [hash], ...codes }) });
    await engine.storeManyVectors(base);
    return engine;
  }

  async #measure(ask: (q: number) => Promise<unknown>): Promise<number> {
    let [asked, millis] = [0, 0];
    while (millis < ASKED) {
      const begun = performance.now();
      let now = begun;
      while (now - begun < TURN) {
        await ask(asked++ % RACE.queries);
        now = performance.now();
      }
      millis += now - begun;
      await turn();
    }
    return (1000 * asked) / millis;
  }

  /** The distance of the last true neighbour of each query. */
  async #farthest(): Promise<Float64Array> {
    const exact = new Engine({ dim: RACE.dim, distance: "euclidean" });
    await exact.storeManyVectors(this.base);
    const limits = new Float64Array(RACE.queries);
    for (let q = 0; q < RACE.queries; q++) {
      const found = await exact.neighbours(this.#query(q), { k: RACE.k });
      limits[q] = found[found.length - 1].distance;
      if (q % 20 === 0) await turn();
    }
    await exact.close();
    return limits;
  }

  #query(q: number): Float32Array {
    return this.queries.values.subarray(q * RACE.dim, (q + 1) * RACE.dim);
  }
}

/** Lets the page draw and hear. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
