import { Probes } from "../../core/columns.js";
import type { Hash, KeyDirectory } from "../../core/contracts.js";
import type { Rows } from "../../core/rows.js";
import { BrokenLaw, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { engineOf, forEachRow, type HashSubject, keysOf, listProbes, opened, probesOf, sample, store } from "./subject.js";

/** What querying promises, with the key directory of a storage at hand. */
export const probeLaws: readonly Law<HashSubject>[] = [
  { name: "a budget of one probe a table bounds the probes", check: (subject) => bounded(subject, [1]) },
  { name: "a budget above one probe a table bounds the probes", check: (subject) => bounded(subject, [2, 5, 50]) },
  { name: "probes are of its tables and come most promising first", check: ordered },
  { name: "the bucket of a stored vector is the first read in each table", check: ownFirst },
  { name: "no bucket is read twice", check: distinct },
  { name: "a larger budget reads every bucket that a smaller one reads", check: grows },
  { name: "probes are appended under the number of the hash", check: appends },
  { name: "the same query has the same probes, by any instance", check: deterministic },
];

/** A hash that is asked, and the directory of a storage with its rows. */
interface Asked {
  readonly hash: Hash;
  readonly directory: KeyDirectory;
  readonly stored: Rows;
}

async function asked(subject: HashSubject): Promise<Asked> {
  const hash = subject.create();
  const { engine, storage } = engineOf(subject, hash);
  const stored = sample(subject);
  await store(engine, stored);
  return { hash, directory: storage.directory(0), stored };
}

/** Calls `each` with stored and with unknown vectors. */
async function forEachQuery(subject: HashSubject, { stored }: Asked, each: (query: Rows, name: string) => void): Promise<void> {
  await forEachRow(stored, (query, i) => each(query, `stored vector ${i}`));
  await forEachRow(sample(subject, 20, 3), (query, i) => each(query, `unknown vector ${i}`));
}

async function bounded(subject: HashSubject, perTable: readonly number[]): Promise<void> {
  const it = await asked(subject);
  await forEachQuery(subject, it, (query, name) => {
    for (const times of perTable) {
      const budget = times * it.hash.tables;
      const { count } = probesOf(it.hash, query, it.directory, budget);
      expectThat(count <= budget, `probes of ${name} with a budget of ${budget}`, count, `at most ${budget}`);
    }
  });
}

async function ordered(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  await forEachQuery(subject, it, (query, name) => {
    const { count, scores, tables, prefixBits } = probesOf(it.hash, query, it.directory, 8 * it.hash.tables);
    for (let p = 0; p < count; p++) {
      expectThat(tables[p] < it.hash.tables, `table of probe ${p} of ${name}`, tables[p], `below ${it.hash.tables}`);
      expectThat(prefixBits[p] <= 64, `prefix of probe ${p} of ${name}`, prefixBits[p], "at most 64 bits");
      const least = p === 0 ? 0 : scores[p - 1];
      expectThat(scores[p] >= least, `score of probe ${p} of ${name}`, scores[p], `at least ${least}`);
    }
  });
}

async function ownFirst(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  await forEachRow(it.stored, (query, i) => {
    const keys = keysOf(it.hash, query);
    const probes = probesOf(it.hash, query, it.directory, it.hash.tables);
    for (let table = 0; table < it.hash.tables; table++) {
      const first = probes.tables.subarray(0, probes.count).indexOf(table);
      expectThat(first >= 0, `probes of stored vector ${i} in table ${table}`, "none", "its own bucket");
      let own = false;
      for (let e = 0; e < keys.count; e++) own ||= keys.tables[e] === table && covers(probes, first, keys.hi[e], keys.lo[e]);
      expectThat(own, `first probe of stored vector ${i} in table ${table}`, listProbes(probes)[first], "its own bucket");
      expectSame(probes.scores[first], 0, `score of the own bucket of stored vector ${i} in table ${table}`);
    }
  });
}

async function distinct(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  await forEachQuery(subject, it, (query, name) => {
    const probes = probesOf(it.hash, query, it.directory, 8 * it.hash.tables);
    for (let p = 0; p < probes.count; p++) {
      for (let other = 0; other < probes.count; other++) {
        const again = p !== other && probes.tables[p] === probes.tables[other] && covers(probes, p, probes.hi[other], probes.lo[other]);
        if (again) throw new BrokenLaw(`probes ${p} and ${other} of ${name}`, listProbes(probes)[other], "a bucket that was not read yet");
      }
    }
  });
}

async function grows(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  await forEachQuery(subject, it, (query, name) => {
    const few = listProbes(probesOf(it.hash, query, it.directory, 2 * it.hash.tables));
    const more = new Set(listProbes(probesOf(it.hash, query, it.directory, 6 * it.hash.tables)));
    const missing = few.find((probe) => !more.has(probe));
    expectSame(missing, undefined, `a probe of ${name} that three times the budget leaves out`);
  });
}

async function appends(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  await forEachQuery(subject, it, (query, name) => {
    const probes = new Probes();
    probes.hash = 5;
    probes.add(4, 3, 2, 1, 17);
    probes.hash = 6;
    it.hash.probes(query, it.directory, 3 * it.hash.tables, probes);
    const alone = listProbes(probesOf(it.hash, query, it.directory, 3 * it.hash.tables));
    expectSame(listProbes(probes), ["4 0000000300000002/17", ...alone], `probes of ${name} after one that was there`);
    expectSame([...probes.hashes.subarray(0, probes.count)], [5, ...alone.map(() => 6)], `hash numbers of the probes of ${name}`);
  });
}

async function deterministic(subject: HashSubject): Promise<void> {
  const it = await asked(subject);
  const other = opened(subject, subject.revive(it.hash.config()));
  await forEachQuery(subject, it, (query, name) => {
    const before = structuredClone(query);
    const budget = 4 * it.hash.tables;
    const probes = listProbes(probesOf(it.hash, query, it.directory, budget));
    expectSame(query, before, `${name} after probing`);
    expectSame(listProbes(probesOf(it.hash, query, it.directory, budget)), probes, `probes of ${name} a second time`);
    expectSame(listProbes(probesOf(other, query, it.directory, budget)), probes, `probes of ${name} by a hash of the same configuration`);
  });
}

/** Whether probe `p` reads the bucket of a key of its table. */
function covers(probes: Probes, p: number, hi: number, lo: number): boolean {
  const bits = probes.prefixBits[p];
  const high = Math.min(32, bits);
  const low = bits - high;
  return (high === 0 || (probes.hi[p] ^ hi) >>> (32 - high) === 0) && (low === 0 || (probes.lo[p] ^ lo) >>> (32 - low) === 0);
}
