import type { Candidates, Probes } from "../../core/columns.js";
import type { ScanPlan } from "../../core/contracts.js";
import type { Call } from "./calls.js";
import { bucketKey } from "./keys.js";
import { mostKeys, type ReadOptions, repliesOf, secondsFrom } from "./reading.js";
import { type Received, RecordScan, recordCount } from "./record-scan.js";
import type { RecordLayout } from "./records.js";
import { SeenRows } from "./seen-rows.js";
import { type Shards, stale } from "./shards.js";
import type { Reply } from "./wire.js";

/** A bucket that a probe asks for. */
interface Asked {
  readonly probe: number;
  readonly hash: number;
  readonly table: number;
  readonly hi: number;
  readonly lo: number;
}

/** Queries in a row that are sent back as buckets came or went: more would keep them from an answer. */
const mostOutdated = 2;

/** Scans the buckets of an index: one command for each shard brings all that the probes ask for. */
export class Scanner {
  readonly #shards: Shards;
  readonly #scans = new Map<number, RecordScan>();
  readonly #seen = new SeenRows();
  #outdated = 0;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  /** Appends the rows of the probed buckets. E_STALE where the index was learned anew since the probes were made. */
  async scan(probes: Probes, plan: ScanPlan, out: Candidates, options: ReadOptions): Promise<void> {
    const first = out.count;
    const asked = await this.#asked(probes);
    const { buckets, now } = await this.#receive(asked, probes.version, options);
    const { estimation, allowed, unique } = plan;
    const coded = new Map<number, Received[]>();
    const plain: Received[] = [];
    for (const { place, bytes } of buckets) {
      const { hash, probe } = asked[place];
      const own = estimation?.estimates[hash] ? (coded.get(hash) ?? []) : plain;
      if (own !== plain) coded.set(hash, own);
      own.push({ probe, bytes });
    }
    for (const [hash, received] of coded) {
      const estimate = estimation?.estimates[hash];
      if (estimation === undefined || !estimate) continue; // as they were chosen
      const repeats = unique && (probesRepeat(probes, hash) || this.#shards.keysPerRow(hash) > 1);
      this.#scanOf(hash).run(received, probes, estimate, { unique, repeats, estimation, allowed, now }, out);
    }
    const chosen = out.count;
    for (const { probe, bytes } of plain) appendAll(bytes, this.#layout(probes.hashes[probe]), now, out);
    if (out.bounded) {
      out.bound();
      out.lower.fill(Number.NEGATIVE_INFINITY, chosen, out.count);
    }
    if (allowed !== undefined) keep(out, chosen, (row) => (((allowed.words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1);
    if (unique && (chosen < out.count || coded.size > 1)) this.#keepFirst(out, first);
  }

  /** The buckets that probes ask for, in their order. */
  async #asked(probes: Probes): Promise<Asked[]> {
    const asked: Asked[] = [];
    for (let probe = 0; probe < probes.count; probe++) {
      const [hash, table, hi, lo] = [probes.hashes[probe], probes.tables[probe], probes.hi[probe], probes.lo[probe]];
      if (probes.prefixBits[probe] >= 64) {
        asked.push({ probe, hash, table, hi, lo });
        continue;
      }
      const directory = await this.#shards.directory(hash);
      for (const i of directory.withPrefix(table, hi, lo, probes.prefixBits[probe])) {
        if (directory.countAt(table, i) > 0)
          asked.push({ probe, hash, table, hi: directory.keyHi(table, i), lo: directory.keyLo(table, i) });
      }
    }
    return asked;
  }

  /** What the shards hold in these buckets, by bucket, and the servers' time where some records have an end. */
  async #receive(
    asked: readonly Asked[],
    version: number | undefined,
    options: ReadOptions,
  ): Promise<{ readonly buckets: readonly { readonly place: number; readonly bytes: Buffer }[]; readonly now: number }> {
    const shards = this.#shards;
    const pieces: { readonly shard: number; readonly from: number; readonly to: number }[] = [];
    for (const { shard } of shards.keys) {
      for (let from = 0; from === 0 || from < asked.length; from += mostKeys)
        pieces.push({ shard, from, to: Math.min(asked.length, from + mostKeys) });
    }
    const calls: Call[] = pieces.map(({ shard, from, to }) => {
      const { prefix, state } = shards.keys[shard];
      const buckets = asked.slice(from, to).map(({ hash, table, hi, lo }) => bucketKey(prefix, hash, table, hi, lo));
      return shards.command(shard, ["MGET", state, ...buckets]);
    });
    const clock = shards.states.some((state) => state?.expiring === true) ? [shards.command(0, ["TIME"])] : [];
    const replies = repliesOf(await shards.calls.each([...calls, ...clock]), [...calls, ...clock], options);
    let expiring = false;
    let outdated = false;
    const held = pieces.map(({ shard }, p) => {
      const reply = replies[p] as readonly Reply[] | undefined; // so MGET answers
      if (reply === undefined) return null;
      const state = shards.note(shard, reply[0]);
      if (version !== undefined && state.version > version) throw stale(version, state.version);
      expiring ||= state.expiring;
      for (const hash of new Set(asked.map((one) => one.hash))) if (shards.outdated(hash, shard, state)) outdated = true;
      return state.clearing ? null : reply;
    });
    this.#outdated = outdated ? this.#outdated + 1 : 0;
    if (outdated && version !== undefined && this.#outdated <= mostOutdated) throw stale(version, version);
    const buckets: { place: number; bytes: Buffer }[] = [];
    held.forEach((reply, p) => {
      if (reply === null) return;
      const { from, to } = pieces[p];
      for (let i = from; i < to; i++) {
        const bytes = reply[i - from + 1];
        if (bytes instanceof Buffer) buckets.push({ place: i, bytes });
      }
    });
    buckets.sort((a, b) => a.place - b.place);
    const time =
      clock.length > 0 ? replies[calls.length] : expiring ? (await shards.calls.all([shards.command(0, ["TIME"])]))[0] : undefined;
    return { buckets, now: expiring ? secondsFrom(time) : 0 };
  }

  #scanOf(hash: number): RecordScan {
    const known = this.#scans.get(hash) ?? new RecordScan(this.#layout(hash));
    this.#scans.set(hash, known);
    return known;
  }

  #layout(hash: number): RecordLayout {
    return this.#shards.layouts.get(hash) ?? { groups: 0, scannedGroups: 0, bytes: 8, bodyBytes: 0 };
  }

  #keepFirst(out: Candidates, from: number): void {
    const seen = this.#seen;
    seen.clear();
    keep(out, from, (row) => {
      const before = seen.count;
      return seen.number(row) === before && seen.count > before;
    });
  }
}

/** Whether some probe of a hash reads more than one bucket. */
function probesRepeat(probes: Probes, hash: number): boolean {
  for (let p = 0; p < probes.count; p++) if (probes.hashes[p] === hash && probes.prefixBits[p] < 64) return true;
  return false;
}

/** Appends the rows of a bucket but those that have ended. */
function appendAll(bytes: Buffer, { bytes: width }: RecordLayout, now: number, out: Candidates): void {
  const count = recordCount(bytes, width);
  out.reserve(count);
  for (let at = 0; at < count * width; at += width) {
    const end = bytes.readUInt32LE(at + width - 4);
    if (end > 0 && now > 0 && end <= now) continue;
    out.raw++;
    out.add(bytes.readUInt32LE(at));
  }
  out.probed++;
}

/** Keeps the candidates from `from` on that pass. */
function keep(out: Candidates, from: number, passes: (row: number) => boolean): void {
  let kept = from;
  for (let i = from; i < out.count; i++) {
    if (!passes(out.rows[i])) continue;
    out.distances[kept] = out.distances[i];
    if (out.bounded) out.lower[kept] = out.lower[i];
    out.rows[kept++] = out.rows[i];
  }
  out.count = kept;
}
