import { Candidates } from "../core/columns.js";
import type { Filter, FilterContext } from "../core/contracts.js";
import { Random } from "../core/random.js";
import { Engine } from "../index.js";
import { BrokenLaw, expectSame, expectThat } from "./assert.js";
import type { Law } from "./laws.js";

/** A filter under test. */
export interface FilterSubject {
  readonly create: () => Filter;
  readonly order: "kept" | "nearest";
  readonly idempotent: boolean;
  /** Data of a stored row. */
  readonly data: (row: number) => unknown;
}

/** Every law that a filter is held to, in the order of the tests. */
export const filterLaws: readonly Law<FilterSubject>[] = [
  { name: "it says what it is: name, stage and a bound that means something", check: introduces },
  { name: "no candidates stay none", check: (subject) => expectSame(apply(subject, []), [], "candidates made of none") },
  { name: "what comes out went in, each candidate with its own distance and no more often", check: compacts },
  { name: "the order is the declared one", check: orders },
  { name: "what passed passes again", applies: ({ idempotent }) => idempotent, check: repeats },
  { name: "the same candidates come out the same, by any instance", check: deterministic },
  { name: "each row comes out once, where it declares so", applies: ({ create }) => create().unique === true, check: unique },
  {
    name: "only what its bound admits passes, and the bound changes nothing",
    applies: ({ create }) => create().bound !== undefined,
    check: bounded,
  },
  { name: "a search applies it to its candidates", check: searches },
];

/** One candidate. */
interface Entry {
  readonly row: number;
  readonly distance: number;
}

function introduces({ create }: FilterSubject): void {
  const { name, stage, bound, unique: once } = create();
  expectThat(typeof name === "string" && name !== "", "name", name, "a text that is not empty");
  expectThat(["scan", "candidates", "distances"].includes(stage), "stage", stage, "scan, candidates or distances");
  if (bound?.nearest !== undefined)
    expectThat(Number.isInteger(bound.nearest) && bound.nearest >= 1, "bound.nearest", bound.nearest, "an integer of at least 1");
  if (bound?.within !== undefined) expectThat(!Number.isNaN(bound.within), "bound.within", bound.within, "a number");
  if (bound !== undefined) expectSame(stage, "distances", "stage of a filter with a bound");
  if (once !== undefined) expectSame(stage, "scan", "stage of a filter that makes rows unique");
}

function compacts(subject: FilterSubject): void {
  for (const entries of inputs(subject)) {
    const left = entries.map(text);
    for (const entry of apply(subject, entries)) {
      const at = left.indexOf(text(entry));
      expectThat(at >= 0, "a candidate that came out", text(entry), "one that went in, not more often than it did");
      left.splice(at, 1);
    }
  }
}

function orders(subject: FilterSubject): void {
  for (const entries of inputs(subject)) {
    const passed = apply(subject, entries);
    if (subject.order === "nearest") {
      const sorted = [...passed].sort((a, b) => a.distance - b.distance || a.row - b.row);
      expectSame(passed.map(text), sorted.map(text), "order, nearest first and ties by row");
    } else {
      let at = 0;
      for (const entry of passed) {
        while (at < entries.length && text(entries[at]) !== text(entry)) at++;
        expectThat(at++ < entries.length, "place of a candidate that came out", text(entry), "behind those that were before it");
      }
    }
  }
}

function repeats(subject: FilterSubject): void {
  for (const entries of inputs(subject)) {
    const passed = apply(subject, entries);
    expectSame(apply(subject, passed), passed, "candidates after a second pass");
  }
}

function deterministic(subject: FilterSubject): void {
  const filter = subject.create();
  for (const entries of inputs(subject)) {
    const passed = apply(subject, entries);
    expectSame(apply(subject, entries, filter), passed, "candidates by one instance");
    expectSame(apply(subject, entries, filter), passed, "candidates by the same instance again");
  }
}

function unique(subject: FilterSubject): void {
  for (const entries of inputs(subject)) {
    const first = entries.filter(({ row }, i) => entries.findIndex((other) => other.row === row) === i);
    expectSame(apply(subject, entries), first, "rows at their first appearance");
  }
}

/** The pipeline hands on no more than the bound names, so a filter must give the same on those as on all. */
function bounded(subject: FilterSubject): void {
  const { nearest = Number.POSITIVE_INFINITY, within = Number.POSITIVE_INFINITY } = subject.create().bound ?? {};
  for (const entries of inputs(subject)) {
    const all = apply(subject, entries);
    const sorted = [...entries].sort((a, b) => a.distance - b.distance || a.row - b.row);
    const named = new Set(sorted.slice(0, nearest).filter(({ distance }) => distance <= within));
    const fewer = entries.filter((entry) => named.has(entry));
    expectSame(apply(subject, fewer), all, "candidates made of those within the bound, and of all");
  }
}

/** Results of a search with the filter are those that the filter makes of a search without; in its order where that is nearest first, else in any. */
async function searches(subject: FilterSubject): Promise<void> {
  const engine = new Engine<unknown>({ dim: 1, distance: "euclidean" });
  await engine.storeManyVectors(
    Array.from({ length: 40 }, (_, i) => [(i * 7) % 40]),
    { data: Array.from({ length: 40 }, (_, i) => subject.data(i)) },
  );
  const filter = subject.create();
  const found = await engine.neighbours([11.25], { filters: [filter] });
  const all = await engine.neighbours([11.25], { filters: false });
  const candidates = candidatesOf(all.map(({ id, distance }) => ({ row: Number(id), distance })));
  filter.apply(candidates, { id: (row) => row, data: subject.data, vector: (row) => Float32Array.of((row * 7) % 40) });
  const results = found.map(({ id, distance }) => ({ row: Number(id), distance }));
  const inOrder = (entries: Entry[]) => (subject.order === "nearest" ? entries : entries.sort((a, b) => a.row - b.row));
  expectSame(inOrder(results), inOrder(entriesOf(candidates)), "results of a search with the filter");
}

/** Candidates such as a filter of its stage meets: repeated rows, equal distances, one, many, sorted and not; before distances are known all are 0. */
function inputs({ create }: FilterSubject): Entry[][] {
  const random = new Random(1);
  const measured = create().stage === "distances";
  const distances = Array.from({ length: 60 }, (_, row) => (row % 5 === 0 ? random.below(4) / 2 : 2 * random.uniform()));
  return [1, 2, 9, 10, 11, 40, 120].flatMap((count) => {
    const entries = Array.from({ length: count }, () => random.below(60)).map((row) => ({ row, distance: measured ? distances[row] : 0 }));
    return [
      entries,
      [...entries].sort((a, b) => a.distance - b.distance || a.row - b.row),
      entries.filter(({ row }, i) => entries.findIndex((other) => other.row === row) === i),
    ];
  });
}

function apply(subject: FilterSubject, entries: readonly Entry[], filter: Filter = subject.create()): Entry[] {
  const candidates = candidatesOf(entries);
  const { raw, measured } = candidates;
  filter.apply(candidates, contextOf(subject, entries, filter));
  expectThat(
    candidates.count >= 0 && candidates.count <= entries.length,
    "number of candidates that came out",
    candidates.count,
    `at most ${entries.length}`,
  );
  expectSame([candidates.raw, candidates.measured], [raw, measured], "raw and measured, which are not a filter's to change");
  return entriesOf(candidates);
}

/** Columns with the entries, and beyond their count what an earlier query left there. */
function candidatesOf(entries: readonly Entry[]): Candidates {
  const candidates = new Candidates();
  candidates.reserve(entries.length + 8);
  candidates.rows.fill(4_000_000_000);
  candidates.distances.fill(-1);
  for (const { row, distance } of entries) candidates.add(row, distance);
  candidates.raw = entries.length + 3;
  candidates.measured = true;
  return candidates;
}

function entriesOf({ count, rows, distances }: Candidates): Entry[] {
  return Array.from({ length: count }, (_, i) => ({ row: rows[i], distance: distances[i] }));
}

/** Answers for the candidates only, and not yet at the stage of scanning. */
function contextOf(subject: FilterSubject, entries: readonly Entry[], { stage }: Filter): FilterContext {
  const known = new Set(entries.map(({ row }) => row));
  const readable = (row: number): number => {
    if (stage === "scan") throw new BrokenLaw("what a scan filter asks of its context", `row ${row}`, "nothing, rows cannot be read yet");
    expectThat(known.has(row), "row asked of the context", row, "a row among the candidates");
    return row;
  };
  return {
    id: (row) => readable(row),
    data: (row) => subject.data(readable(row)),
    vector: (row) => Float32Array.of((readable(row) * 7) % 40),
  };
}

function text({ row, distance }: Entry): string {
  return `row ${row} at ${distance}`;
}
