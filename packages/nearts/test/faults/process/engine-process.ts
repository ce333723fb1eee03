// A process with an engine: does what it is told line by line on its standard input, and says at once what came of it.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { Engine, type NearError, RandomBinaryProjections, RandomDiscretizedProjections, type Storage } from "nearts";
import { clouds } from "../../learned/vectors.js";
import { DIM, idOf, operation, vectorOf, type Workload } from "../workload.js";
import { answersOf } from "./answers.js";
import type { Command, StorageSpec } from "./commands.js";
import { checked } from "./holding.js";

let engine: Engine | undefined;
let stopping = false;

/** Commands one after the other; only "stop" is heard at once. */
let last = Promise.resolve();
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line) as Command | { readonly do: "stop" }; // the test sent it
    if (command.do === "stop") stopping = true;
    else last = last.then(() => answer(command));
  })
  .on("close", () => void last.then(() => process.exit()));

async function answer(command: Command): Promise<void> {
  try {
    say(`= ${JSON.stringify((await run(command)) ?? null)}`);
  } catch (error) {
    const { code, details } = error as NearError;
    say(`! ${JSON.stringify({ code, details, message: String((error as Error).stack) })}`);
  }
}

/** One call of the system, so that what was said is out even where this process ends in the next moment. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}

async function run(command: Command): Promise<unknown> {
  if (command.do === "open") {
    const storage = await storageOf(command.storage);
    const own = command.recall === undefined ? { dim: DIM, hashes: hashes() } : { dim: LEARNED_DIM, recall: command.recall };
    engine = new Engine({ ...own, distance: "euclidean", storage, gauge: false });
    return engine.size();
  }
  if (engine === undefined) throw new Error(`nothing is open to ${command.do}`);
  switch (command.do) {
    case "hold":
      return checked(engine, command.deep ? hashes() : undefined);
    case "write":
      return write(engine, command.workload, command.from, command.count);
    case "fill":
      return (await engine.storeManyVectors(filled(command.count), { ids: Array.from({ length: command.count }, (_, i) => i) })).length;
    case "train":
      return engine.train({ anew: true });
    case "ask":
      return answersOf(engine, filled(command.count), LEARNED_DIM);
    case "close":
      return engine.close();
  }
}

const LEARNED_DIM = 24;

/** What "fill" stores. */
function filled(count: number): Float32Array {
  return clouds(count, LEARNED_DIM, 3);
}

/** Two kinds of key: a table of bits, and three of cells. */
function hashes(): (RandomBinaryProjections | RandomDiscretizedProjections)[] {
  return [
    new RandomBinaryProjections({ name: "bits", projections: 4, seed: 1 }),
    new RandomDiscretizedProjections({ name: "cells", projections: 2, tables: 3, binWidth: 40, seed: 2 }),
  ];
}

async function storageOf(spec: StorageSpec): Promise<Storage> {
  switch (spec.kind) {
    case "memory":
      return new (await import("nearts")).MemoryStorage();
    case "lmdb":
      return new (await import("nearts/lmdb")).LmdbStorage({ path: spec.path });
    case "redis":
      return new (await import("nearts/redis")).RedisStorage(spec.options);
  }
}

/** Lanes side by side, each one operation after the other. */
async function write(engine: Engine, workload: Workload, from: number, count: number): Promise<void> {
  stopping = false;
  const lanes = Array.from({ length: workload.lanes }, async (_, lane) => {
    for (let number = from; number < from + count && !stopping; number++)
      if (number % workload.lanes === lane) await one(engine, workload, number);
  });
  await Promise.all(lanes);
}

async function one(engine: Engine, workload: Workload, number: number): Promise<void> {
  const { kind, names } = operation(workload, number);
  const ids = names.map(idOf);
  say(`s ${number}`);
  try {
    if (kind === "remove") await engine.deleteMany(ids);
    else
      await engine.storeManyVectors(
        names.map((name) => vectorOf(name, number)),
        { ids, data: names.map(() => number) },
      );
    say(`a ${number}`);
  } catch (error) {
    const { code, message } = error as NearError;
    say(`f ${number} ${code ?? message}`);
  }
}
