import type { Index } from "../search/trial.js";

/** Buckets of about one size: those that hold `from` to `to` rows. */
export interface SizeClass {
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
  /** Entries in these buckets: a row counts once in each table. */
  readonly entries: number;
}

/** The buckets of an index by size, in classes that double: 1, 2–3, 4–7 and so on, up to the largest there is. */
export async function bucketSizes(engine: Index): Promise<SizeClass[]> {
  const buckets: number[] = [];
  const entries: number[] = [];
  for (let h = 0; h < engine.hashes.length; h++) {
    const directory = await engine.storage.directory(h);
    for (let t = 0; t < engine.hashes[h].tables; t++) {
      for (let i = 0; i < directory.size(t); i++) {
        const rows = directory.countAt(t, i);
        if (rows === 0) continue;
        const size = 31 - Math.clz32(rows);
        buckets[size] = (buckets[size] ?? 0) + 1;
        entries[size] = (entries[size] ?? 0) + rows;
      }
    }
  }
  return Array.from(buckets, (_, size) => ({
    from: 2 ** size,
    to: 2 ** (size + 1) - 1,
    buckets: buckets[size] ?? 0,
    entries: entries[size] ?? 0,
  }));
}
