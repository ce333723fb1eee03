import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { type DenseRows, Engine, type HashConfig } from "nearts";
import { openIndex } from "../places/open-index.js";
import { openPlace } from "../places/place.js";
import { type Index, recallOfOne } from "../search/trial.js";
import { holdOut, vectorAt } from "../search/vectors.js";
import { Progress } from "../terminal/progress.js";

/** What became of an index that outlives the demo. */
export interface Kept {
  readonly folder: string;
  /** Whether this run made it; else an earlier one did. */
  readonly made: boolean;
  readonly vectors: number;
  /** Seconds that making it took, or opening it. */
  readonly seconds: number;
  readonly queries: number;
  readonly recall: number;
  /** Queries a second, and how many times as many as by comparing all. */
  readonly rate: number;
  readonly speedUp: number;
}

/** What is kept, and asked. */
export interface Keeping {
  readonly folder: string;
  readonly pages: DenseRows;
  readonly queries: number;
  readonly k: number;
  readonly signal: AbortSignal;
}

const recall = 0.95;
/** Fewer pages are compared faster than learned. */
const fewestLearned = 2000;
const note = "demo";

/** Where the demo of a folder keeps its index: beside other caches in node_modules, else among temporary files. */
export function keptFolder(root: string): string {
  if (basename(root) === "node_modules") return join(root, ".cache", "nearts-demo");
  return join(tmpdir(), `nearts-demo-${createHash("sha256").update(resolve(root)).digest("hex").slice(0, 12)}`);
}

/** Opens the index that an earlier run made of the same pages, or makes it; asks it, and compares its answers with all vectors. */
export async function keepIndex({ folder, pages, queries: most, k, signal }: Keeping): Promise<Kept> {
  const { stored, queries } = holdOut(pages, most);
  const print = crc32(new Uint8Array(pages.values.buffer, pages.values.byteOffset, pages.values.byteLength));
  const begun = performance.now();
  const known = await openKnown(folder, print);
  const engine = known ?? (await make(folder, stored as DenseRows, print, signal)); // of dense pages
  try {
    const seconds = (performance.now() - begun) / 1000;
    const exact = await ask(engine, queries, { k, exact: true, signal });
    const found = await ask(engine, queries, { k, signal });
    const shares = found.answers.map((answer, q) => recallOfOne(answer, exact.answers[q]));
    return {
      folder,
      made: known === undefined,
      vectors: await engine.size(),
      seconds,
      queries: queries.count,
      recall: shares.reduce((sum, share) => sum + share, 0) / shares.length,
      rate: found.rate,
      speedUp: found.rate / exact.rate,
    };
  } finally {
    await engine.close();
  }
}

/** The index of an earlier run, where it is of the same pages; whatever else is there gives way. */
async function openKnown(folder: string, print: number): Promise<Index | undefined> {
  const engine = await openIndex(folder, {}).catch(() => undefined);
  if (engine === undefined) return undefined;
  const config = await engine.storage.loadConfig(note);
  if (config?.["print"] === print) return engine;
  await engine.close();
  return undefined;
}

async function make(folder: string, stored: DenseRows, print: number, signal: AbortSignal): Promise<Index> {
  await rm(folder, { recursive: true, force: true });
  const storage = await openPlace(folder, { create: true });
  const engine: Index = new Engine<unknown, "dense" | "sparse">({ dim: stored.dim, distance: "cosine", recall, storage });
  try {
    const progress = new Progress({ label: "indexing on disk", unit: "pages", total: stored.count });
    await engine.storeManyVectors(stored, { signal, onProgress: ({ stored: done }) => progress.update(done) });
    if (stored.count >= fewestLearned) await engine.train({ signal });
    progress.end();
    // Last: an index without it was not finished.
    await storage.storeConfig({ type: "Demo", version: 1, name: note, print } satisfies HashConfig);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

interface Asked {
  readonly answers: readonly Float64Array[];
  readonly rate: number;
}

async function ask(
  engine: Index,
  queries: ReturnType<typeof holdOut>["queries"],
  options: { readonly k: number; readonly exact?: true; readonly signal: AbortSignal },
): Promise<Asked> {
  const answers: Float64Array[] = [];
  const begun = performance.now();
  for (let q = 0; q < queries.count; q++) {
    options.signal.throwIfAborted();
    const found = await engine.neighbours(vectorAt(queries, q), { k: options.k, ...(options.exact === true ? { exact: true } : {}) });
    answers.push(Float64Array.from(found, ({ distance }) => distance));
  }
  return { answers, rate: queries.count / ((performance.now() - begun) / 1000) };
}
