import { Candidates, Probes } from "../core/columns.js";
import type { Distance, Id, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { type Rows, rowAt } from "../core/rows.js";
import { contextOf } from "./finish.js";
import type { Explanation } from "./options.js";
import type { QueryPlan } from "./plan.js";
import { newScratch } from "./scratch.js";
import type { Search } from "./search.js";
import type { Stage } from "./stages.js";

/** The parts of an engine that an explanation looks at. */
export interface Explained {
  readonly stages: readonly Stage[];
  readonly storage: Storage;
  readonly distance: Distance;
  readonly search: Search;
}

/** Runs a query step by step and says what each step did. */
export async function explainQuery(
  engine: Explained,
  query: { rows: Rows; leaveOut: number },
  asked: QueryPlan,
  missed: Id | undefined,
): Promise<Explanation> {
  const scratch = newScratch();
  const rounds = asked.where === null ? null : await engine.search.rounds(query.rows, asked, query.leaveOut >= 0);
  // With a `where` the first round is shown, else the last reading.
  const plan = rounds?.plan ?? (await lastPlan(engine, query, asked));
  await engine.search.probe(query.rows, { ...plan, byCodes: false }, scratch.probes);
  const hashes = await Promise.all(engine.stages.map((stage) => explainHash(engine, stage, query.rows, scratch.probes)));
  await engine.search.scan(query.rows, { ...plan, unique: true, byCodes: false }, scratch, query.leaveOut);
  const candidates = { raw: scratch.candidates.raw, unique: scratch.candidates.count };
  const lines = hashes.map(
    (hash) => `${hash.name}: key ${hash.keys.join(" ")}; ${hash.probes} buckets probed, ${hash.candidates} entries in them`,
  );
  lines.push(
    `${candidates.raw} entries, ${candidates.unique} different vectors${plan.distance === null ? ", not measured" : ` measured by the ${plan.distance.name} distance`}`,
  );
  if (rounds !== null) lines.push(rounds.text);
  else if (plan.exact && !asked.exact) lines.push("the buckets held too few vectors, or cost more to read than all: all were measured");
  const chosen = plan.byCodes ? await chosenByCodes(engine, query, plan) : null;
  if (chosen !== null) lines.push(chosen.text);
  if (missed === undefined) return { hashes, candidates, text: lines.join("\n") };
  const found = await explainMissed(engine, query, asked, missed, scratch.candidates, chosen);
  lines.push(sentence(found, asked));
  return { hashes, candidates, missed: found, text: lines.join("\n") };
}

/** The plan by which a query without a `where` is answered in the end. */
async function lastPlan({ search }: Explained, { rows, leaveOut }: { rows: Rows; leaveOut: number }, asked: QueryPlan): Promise<QueryPlan> {
  const scratch = newScratch();
  await search.probe(rows, asked, scratch.probes);
  await search.scan(rows, asked, scratch, leaveOut);
  return (await search.readOn(rows, asked, scratch, leaveOut)) ?? asked; // all can be read here
}

async function explainHash(engine: Explained, { hash, number }: Stage, query: Rows, all: Probes): Promise<Explanation["hashes"][number]> {
  const own = new Probes();
  for (let p = 0; p < all.count; p++) {
    if (all.hashes[p] !== number) continue;
    own.hash = number;
    own.add(all.tables[p], all.hi[p], all.lo[p], all.scores[p], all.prefixBits[p]);
  }
  const read = new Candidates();
  await engine.storage.scan(own, { unique: false }, read);
  return { name: hash.name, keys: hash.bucketKeys(query), probes: own.count, candidates: read.raw };
}

async function explainMissed(
  engine: Explained,
  query: { rows: Rows; leaveOut: number },
  plan: QueryPlan,
  missed: Id,
  candidates: Candidates,
  chosen: ChosenByCodes | null,
): Promise<NonNullable<Explanation["missed"]>> {
  const target = new Candidates();
  if ((await engine.storage.find([missed], target)) === 0) {
    throw new NearError("E_NOT_FOUND", `there is no vector with id ${show(missed)}, so no query can find it`, { id: missed });
  }
  const row = target.rows[0];
  if (row === query.leaveOut) {
    throw new NearError(
      "E_BAD_OPTION",
      `${show(missed)} is the query itself, which is left out of its own neighbours: ask with its vector instead`,
      { id: missed },
    );
  }
  const reader = await engine.storage.fetch(target);
  const distance = (plan.distance ?? engine.distance).between(rowAt(query.rows, 0), reader.vector(row));
  const context = contextOf(reader);
  if (plan.where !== null && !plan.where.test(context.data(row), context.id(row))) return { id: missed, reason: "filtered", distance };
  // Which buckets a query with a `where` reads depends on what passes.
  const probed = plan.where !== null || candidates.rows.subarray(0, candidates.count).includes(row);
  if (!probed) return { id: missed, reason: "not probed", distance };
  if (chosen !== null && plan.where === null && !chosen.rows.has(row)) {
    const own = await placeOf(engine, row, chosen.probes);
    return { id: missed, reason: own === null || own >= chosen.read ? "not probed" : "pruned", distance };
  }
  let present = false;
  let count = 0;
  let farthest = Number.NEGATIVE_INFINITY;
  await engine.search.run(
    query.rows,
    plan,
    (results) => {
      count = results.count;
      present = results.rows.subarray(0, count).includes(row);
      for (let i = 0; i < results.count; i++) farthest = Math.max(farthest, results.distances[i]);
    },
    query.leaveOut,
  );
  if (present) return { id: missed, reason: "not missed", distance };
  // Only where all places are taken can nearer ones have taken them.
  const full = plan.nearest !== undefined && count >= plan.nearest;
  if (full && distance >= farthest) return { id: missed, reason: "outranked", distance };
  const dropped = plan.where === null || candidates.rows.subarray(0, candidates.count).includes(row);
  return { id: missed, reason: dropped ? "filtered" : "not probed", distance };
}

/** What codes let through. */
interface ChosenByCodes {
  readonly rows: ReadonlySet<number>;
  readonly probes: Probes;
  /** Probes that were read before the stop rule ended the scan. */
  readonly read: number;
  readonly text: string;
}

/** Scans as the query does; null where no codes are used. */
async function chosenByCodes(engine: Explained, query: { rows: Rows; leaveOut: number }, plan: QueryPlan): Promise<ChosenByCodes | null> {
  const scratch = newScratch();
  await engine.search.probe(query.rows, plan, scratch.probes);
  const { probes, candidates, estimates } = scratch;
  const trace = new Float32Array(Math.max(1, probes.count));
  await engine.search.scan(query.rows, plan, scratch, query.leaveOut, trace);
  if (!candidates.bounded) return null;
  const orders = estimates[engine.stages[0].number]?.orders;
  const stop = engine.search.effort(plan).stop;
  let read = 0;
  for (; read < probes.count; read++) {
    const limit = stop === null ? Number.POSITIVE_INFINITY : stop.factor * trace[read] + stop.offset;
    if (trace[read] !== Number.POSITIVE_INFINITY && orders !== undefined && orders[read] > limit) break;
  }
  const stopped = read < probes.count ? `, where the stop rule ended it` : "";
  const text = `codes: ${read} of ${probes.count} probes read${stopped}; ${candidates.raw} codes scanned, ${candidates.count} vectors let through to be measured`;
  return { rows: new Set(candidates.rows.subarray(0, candidates.count)), probes, read, text };
}

/** Number of the first probe that reads a bucket with this row; null where none does. */
async function placeOf(engine: Explained, row: number, probes: Probes): Promise<number | null> {
  for (let p = 0; p < probes.count; p++) {
    const one = new Probes();
    one.hash = probes.hashes[p];
    one.add(probes.tables[p], probes.hi[p], probes.lo[p], 0, probes.prefixBits[p]);
    const found = new Candidates();
    await engine.storage.scan(one, { unique: false }, found);
    if (found.rows.subarray(0, found.count).includes(row)) return p;
  }
  return null;
}

function sentence(missed: NonNullable<Explanation["missed"]>, plan: QueryPlan): string {
  const who = `${show(missed.id)} at distance ${missed.distance.toPrecision(6)}`;
  switch (missed.reason) {
    case "not probed":
      return `${who} was missed: it lies in none of the probed buckets. More probes, more tables or fewer projections would find it`;
    case "pruned":
      return `${who} was missed: its bucket was read, but its code says that it is too far. More bits, or tuning for more recall, would find it`;
    case "outranked":
      return `${who} was found but is not among the ${plan.nearest} nearest`;
    case "filtered":
      return `${who} was found and dropped by ${plan.where === null ? "a filter" : "where or a filter"}`;
    case "not missed":
      return `${who} is among the results`;
  }
}
