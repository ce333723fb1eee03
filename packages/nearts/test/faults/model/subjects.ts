import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Engine, RandomBinaryProjections, RandomDiscretizedProjections, type Storage } from "nearts";
import { LmdbStorage } from "nearts/lmdb";
import { RedisStorage } from "nearts/redis";

export const DIM = 6;

/** Milliseconds that a server may take to answer: what is asked here is what it answers, however busy the machine. */
const PATIENCE = 120_000;

/** One storage under the model: how its engines are opened on what an earlier one left. */
export interface Subject {
  readonly name: string;
  /** An engine on a new, empty index. */
  open(run: number): Promise<Engine>;
  /** The same index, opened anew. */
  reopen(engine: Engine, run: number): Promise<Engine>;
}

const engineOn = (storage?: Storage): Engine =>
  new Engine({
    dim: DIM,
    distance: "euclidean",
    gauge: false,
    hashes: [
      new RandomBinaryProjections({ name: "bits", projections: 3, tables: 2, seed: 1 }),
      new RandomDiscretizedProjections({ name: "cells", projections: 2, binWidth: 4, seed: 2 }),
    ],
    ...(storage === undefined ? {} : { storage }),
  });

/** In memory: what is saved is loaded. */
export const memory: Subject = {
  name: "memory",
  open: async () => engineOn(),
  async reopen(engine) {
    const bytes = await engine.save();
    await engine.close();
    return Engine.load(bytes);
  },
};

export function lmdb(folder: string): Subject {
  mkdirSync(folder, { recursive: true });
  const open = async (run: number): Promise<Engine> => engineOn(new LmdbStorage({ path: join(folder, `run-${run}`) }));
  return { name: "lmdb", open, reopen: (engine, run) => engine.close().then(() => open(run)) };
}

export function redis(name: string, url: string | readonly string[]): Subject {
  const open = async (run: number): Promise<Engine> =>
    engineOn(new RedisStorage({ name: `run-${run}`, url, timeoutMs: PATIENCE, ...(typeof url === "string" ? {} : { shards: 4 }) }));
  return { name, open, reopen: (engine, run) => engine.close().then(() => open(run)) };
}
