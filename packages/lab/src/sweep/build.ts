import { Engine, type EngineOptions, type Hash, type Kind, type Rows } from "nearts";
import type { DataSet } from "../data.js";
import type { Build } from "../definitions/definition.js";
import type { AnyEngine } from "./ask.js";
import { sampleOf } from "./sample.js";

/** An engine that is ready to be asked. */
export interface Built {
  readonly engine: AnyEngine;
  /** The hash that it was given, if it was. */
  readonly hash?: Hash;
  readonly seconds: number;
  readonly bytes: number;
  /** How it answers, in its own words. */
  readonly plan: string;
}

/** What building is told, and tells. */
export interface BuildingOptions {
  readonly k: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stored: number) => void) | undefined;
}

/** Rows that hashes which learn are given, evenly spread over all. */
const mostTraining = 10_000;
/** What engines tune themselves to by themselves. */
const usualK = 10;

/** Makes an engine and stores the rows under their numbers; hashes learn from them before, and engines of a recall after. */
export async function buildEngine(build: Build, dataSet: DataSet, { k, signal, onProgress }: BuildingOptions): Promise<Built> {
  const begun = performance.now();
  const hash = build.hash?.();
  if (hash !== undefined && learns(hash)) hash.fit(sampleOf(dataSet.base, mostTraining));
  const engine = newEngine(build, dataSet, hash);
  await engine.storeManyVectors(dataSet.base, {
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ stored }) => onProgress?.(stored),
  });
  await adapt(engine, build, k, signal);
  const seconds = (performance.now() - begun) / 1000;
  const [{ bytes }, { text }] = [await engine.stats(), await engine.plan()];
  return { engine, ...(hash === undefined ? {} : { hash }), seconds, bytes: bytes.total, plan: text };
}

/** Refuses, before any long work, what cannot be built on this data: a hash of another kind, a distance that codes do not estimate. */
export async function checkBuild(build: Build, dataSet: DataSet): Promise<void> {
  const hash = build.hash?.();
  if (hash === undefined || !learns(hash)) await newEngine(build, dataSet, hash).close();
}

function newEngine({ recall, guarantee, codes, vectors }: Build, { base, distance }: DataSet, hash: Hash | undefined): AnyEngine {
  const options: EngineOptions<Kind> = {
    dim: base.dim,
    kind: base.kind,
    distance,
    ...(hash === undefined ? {} : { hashes: [hash] }),
    ...(recall === undefined ? {} : { recall }),
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(typeof codes === "number" ? { codes: { bits: codes } } : codes === undefined ? {} : { codes }),
    ...(vectors === undefined ? {} : { vectors }),
  };
  return new Engine<unknown, Kind>(options);
}

/** Finds the way to the recall asked for: with hashes by tuning them, unless they guarantee it, else by learning, which tunes as well. */
async function adapt(engine: AnyEngine, { recall, guarantee, hash }: Build, k: number, signal: AbortSignal | undefined): Promise<void> {
  if (recall === undefined || guarantee !== undefined) return;
  const stopping = signal === undefined ? {} : { signal };
  if (hash === undefined) await engine.train(stopping);
  if (hash !== undefined || k !== usualK) await engine.tune({ k, recall, ...stopping });
}

interface Learning extends Hash {
  fit(sample: Rows): void;
}

function learns(hash: Hash): hash is Learning {
  return "fit" in hash && typeof hash.fit === "function";
}
