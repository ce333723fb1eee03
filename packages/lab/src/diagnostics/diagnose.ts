import { type Sketch, sketchFromConfig } from "nearts";
import type { DataSet, Truth } from "../data.js";
import type { Curve, Histogram } from "../results.js";
import type { Built } from "../sweep/build.js";
import { sampleOf } from "../sweep/sample.js";
import { bitsOf } from "./bits.js";
import { bucketSizes } from "./bucket-sizes.js";
import { codeErrors } from "./code-errors.js";
import { collisionCurve } from "./collisions.js";
import type { SomePairs } from "./pairs.js";
import { probesNeeded } from "./probes-needed.js";

/** What a diagnosis draws. */
export interface Diagnosis {
  readonly curves: Readonly<Record<string, Curve>>;
  readonly histograms: Readonly<Record<string, Histogram>>;
}

/** What a diagnosis looks at. */
export interface Diagnosed {
  readonly built: Pick<Built, "engine">;
  readonly dataSet: DataSet;
  readonly truth: Truth;
  /** Of the data set: made once, for all engines that are diagnosed on it. */
  readonly pairs: SomePairs;
  readonly signal?: AbortSignal | undefined;
}

/** Rows on which codes are tried, and those on which bits are counted, which are told row by row. */
const rowsOfCodes = 2000;
const rowsOfBits = 1000;

/** How the hash of an index behaves on the data: nothing of an index that has none, or is searched exactly. */
export async function diagnose({ built: { engine }, dataSet, truth, pairs, signal }: Diagnosed): Promise<Diagnosis> {
  const [hash] = engine.hashes;
  const { base, queries } = dataSet;
  if (hash === undefined) return { curves: {}, histograms: {} };
  const { number, sketch } = await stageOf(engine);
  const directory = await engine.storage.directory(number);
  const steps = {
    collisions: () => collisionCurve(hash, dataSet.distance, pairs),
    buckets: () => bucketSizes(directory, hash.tables),
    bits: () => bitsOf(hash, sampleOf(base, rowsOfBits)),
    probes: () => probesNeeded(hash, directory, base, queries, truth),
    codes: () => (sketch === undefined ? undefined : codeErrors(sketch, hash, directory, dataSet, sampleOf(base, rowsOfCodes))),
  };
  const look = async <T>(step: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    return step();
  };
  const [buckets, bits, codes] = [await look(steps.buckets), await look(steps.bits), await look(steps.codes)];
  return {
    curves: present({
      collisions: await look(steps.collisions),
      bucketShares: buckets.curve,
      probesNeeded: await look(steps.probes),
      codeBound: codes?.curve,
    }),
    histograms: present({
      bucketSizes: buckets.histogram,
      bitBalance: bits?.balance,
      bitCorrelation: bits?.correlation,
      codeErrors: codes?.histogram,
    }),
  };
}

/** The number of the hash that queries go by, and the codes in its buckets. */
async function stageOf({ storage, dim, kind }: Built["engine"]): Promise<{ readonly number: number; readonly sketch?: Sketch }> {
  const learned = (await storage.knowledge())?.learned ?? null;
  const stage = learned?.hash ?? (await storage.schema())?.hashes[0];
  const number = learned?.number ?? 0;
  if (stage?.sketch === undefined) return { number };
  const sketch = sketchFromConfig(stage.sketch.config, stage.config);
  sketch.open({ kind, dim });
  return { number, sketch };
}

function present<T>(all: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, T] => entry[1] !== undefined));
}
