import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "nearts";
import { LmdbStorage } from "nearts/lmdb";
import { timed } from "../asking.js";
import { Mixture } from "../data/mixture.js";
import { baseCount, type DataSet, queryCount } from "../data/set.js";
import type { Truth } from "../data/truth.js";
import { digits } from "../table.js";
import { askEach, askingOf, learnHalf, race, recallOf, storeRest } from "./build.js";
import type { Measure } from "./floors.js";

const part = "LMDB";
/** A page for a vector of over half a page, of which that much is written at a time. */
const [pageBytes, pieceBytes] = [4096, 2 ** 22];

/** An index in a folder beside the same in memory. */
export async function lmdbMeasures(set: DataSet, truth: Truth, rounds: number): Promise<Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), "nearts-bench-lmdb-"));
  const path = join(folder, "index");
  const { dim, distance } = set;
  try {
    const memory = new Engine({ dim, distance, recall: 0.95 });
    await learnHalf(memory, set);
    const inMemory = await storeRest(memory, set);
    const first = new LmdbStorage({ path });
    const written = new Engine({ dim, distance, recall: 0.95, storage: first });
    await learnHalf(written, set);
    const stored = await storeRest(written, set);
    const disk = diskRows(folder, set);
    const { fileBytes = 0 } = first.stats();
    await written.close();
    const storage = new LmdbStorage({ path });
    const { result: engine, seconds: opening } = await timed(() => opened(storage));
    const { seconds: coldly } = await timed(() => askEach(engine, set));
    const cold = queryCount(set) / coldly;
    await askEach(memory, set);
    const { qps, ratio } = await race(askingOf(memory, set), askingOf(engine, set), queryCount(set), rounds);
    const recall = [await recallOf(memory, set, truth), await recallOf(engine, set, truth)];
    await engine.close();
    await memory.close();
    const bare = `a page a vector written and synced by itself: ${digits(disk)}/s`;
    return [
      {
        part,
        what: "queries/s, warm, by those in memory",
        least: 0.6,
        measured: ratio,
        unit: "×",
        beside: `${digits(qps[1])} / ${digits(qps[0])}; recall ${recall[1].toFixed(3)}, in memory ${recall[0].toFixed(3)}`,
      },
      {
        part,
        what: "queries/s, first pass after opening, by those in memory",
        measured: cold / qps[0],
        unit: "×",
        beside: `${digits(cold)}; no vector in the process, the system's cache as it is`,
      },
      {
        part,
        what: "rows stored, learned",
        least: 20_000,
        measured: stored.perSecond,
        unit: "/s",
        beside: `${digits(stored.perProcessorSecond)} in a second of processor time; in memory ${digits(inMemory.perSecond)}, ${digits(inMemory.perProcessorSecond)}; ${bare}`,
      },
      { part, what: "opening", measured: opening, unit: "s", beside: `${baseCount(set)} rows` },
      { part, what: "bytes on disk for a vector", measured: fileBytes / baseCount(set), unit: "B", beside: `raw ${dim * 4}` },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An engine that has read its index: `Engine.open` resolves before that, and what comes first waits for it. */
async function opened(storage: LmdbStorage): Promise<Engine<unknown, "dense">> {
  const engine = await Engine.open<unknown, "dense">({ storage });
  await engine.size();
  return engine;
}

/** Opens an index of so many synthetic vectors again. */
export async function reopening(rows: number): Promise<Measure> {
  const dim = 128;
  const folder = mkdtempSync(join(tmpdir(), "nearts-bench-lmdb-"));
  const path = join(folder, "index");
  try {
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.95, storage: new LmdbStorage({ path }) });
    await engine.storeManyVectors(new Mixture(dim, 1).chunks(rows));
    await engine.train();
    await engine.close();
    const times: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { result: again, seconds } = await timed(() => opened(new LmdbStorage({ path })));
      times.push(seconds);
      await again.close();
    }
    const beside = `${rows.toLocaleString("en-US")} rows, d = ${dim}; best of ${times.map(digits).join(", ")}`;
    return { part, what: "opening a large index", ...(rows === 1_000_000 && { most: 3 }), measured: Math.min(...times), unit: "s", beside };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows per second that the disk takes: a page for each, synced after every few megabytes, as batches are. */
function diskRows(folder: string, set: DataSet): number {
  const piece = Buffer.alloc(pieceBytes, 1);
  const pages = Math.ceil((set.dim * 4) / pageBytes);
  const total = Math.floor(baseCount(set) / 2) * pages * pageBytes;
  const file = openSync(join(folder, "bare"), "w");
  const start = performance.now();
  for (let at = 0; at < total; at += pieceBytes) {
    writeSync(file, piece, 0, Math.min(pieceBytes, total - at));
    fsyncSync(file);
  }
  closeSync(file);
  return total / (pages * pageBytes) / ((performance.now() - start) / 1000);
}
