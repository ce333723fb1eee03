import { type Benchmark, benchmark } from "../benchmark.js";
import { dataOptions, loadWanted } from "../data/load.js";
import { described } from "../data/set.js";
import { truthOf } from "../data/truth.js";
import { choice, choices, count, outputFile } from "../options.js";
import { writeJson } from "../output.js";
import { k } from "./build.js";
import { type Measure, measureJson, measureTable } from "./floors.js";
import { lmdbMeasures, reopening } from "./lmdb.js";
import { nearpyMeasures } from "./nearpy.js";
import { redisMeasures } from "./redis.js";
import { fsyncs } from "./servers.js";

const parts = ["lmdb", "redis", "nearpy"] as const;

const notes = `Each index stores half of the vectors, learns from them (recall .95), and then stores the other half against the clock. What is compared is asked in turn in one run,
one query awaited after the other, k = 10, and the ratio is the median of the rounds: absolute numbers are those of a machine that others may use too. Redis is a server of this
run's own, on loopback.

examples:
  npm run bench -- storage --data <fashion-mnist-784>
  npm run bench -- storage --rows 10000 --parts redis,nearpy --json storage.json
  npm run bench -- storage --parts none --reopen 1000000`;

const options = {
  ...dataOptions(500),
  parts: choices("what to measure", parts, parts),
  rounds: count("rounds of what is asked in turn", 5),
  fsync: choice("when Redis brings its log of writes to the disk; off for no log", fsyncs, "everysec"),
  reopen: count<number | undefined>("also how long opening LMDB takes with so many synthetic vectors, d = 128", undefined),
  json: outputFile("measures as JSON, one a line"),
};

/** What lasting storages cost beside memory, beside bare round trips, and beside NearPy's layout. */
export const storage: Benchmark = benchmark(
  { name: "storage", about: "LMDB beside memory, Redis beside bare round trips and NearPy's layout", notes, options },
  async ({ data, distance, rows, queries, parts: wanted, rounds, fsync, reopen, json }) => {
    const measures: Measure[] = [];
    if (wanted.length > 0) {
      const set = await loadWanted(data, { distance, rows, queries });
      console.error(`${described(set)}, k = ${k}, Node ${process.version}`);
      const truth = await truthOf(set, k);
      if (wanted.includes("lmdb")) measures.push(...(await lmdbMeasures(set, truth, rounds)));
      if (wanted.includes("redis")) measures.push(...(await redisMeasures(set, truth, fsync)));
      if (wanted.includes("nearpy")) measures.push(...(await nearpyMeasures(set, fsync, rounds)));
    }
    if (reopen !== undefined) measures.push(await reopening(reopen));
    console.log(measureTable(measures));
    writeJson(json, measures.map(measureJson));
  },
);
