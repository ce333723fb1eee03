import type { KeyDirectory } from "../../core/contracts.js";
import { type Kind, type Rows, slice } from "../../core/rows.js";
import { Engine } from "../../index.js";
import { expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { candidatesOf, engineOf, type HashSubject, sample, store } from "./subject.js";

/** What holds once vectors are stored under the hash and asked for, by an engine over a memory storage. */
export const storedLaws: readonly Law<HashSubject>[] = [
  { name: "an empty index answers with nothing", check: findsNothing },
  { name: "a stored vector is found from itself", check: findsItself },
  { name: "deleted vectors are found no more, the others still are", check: honoursDeletes },
  { name: "what is found depends on what is stored, not on how that came about", check: forgets },
  { name: "an index opened again by its storage finds the same", check: reopens },
];

async function findsNothing(subject: HashSubject): Promise<void> {
  const { engine } = engineOf(subject, subject.create());
  const queries = sample(subject, 20);
  for (const probes of [1, 8]) {
    expectSame((await candidatesOf(engine, queries, probes)).flat(), [], `candidates with ${probes} probes a table, nothing stored`);
  }
}

async function findsItself(subject: HashSubject): Promise<void> {
  const { engine } = engineOf(subject, subject.create());
  const rows = sample(subject);
  await store(engine, rows);
  const lists = await engine.neighboursOfMany(rows, { k: 10_000 });
  lists.forEach((found, i) => {
    const itself = found.find(({ id }) => id === i);
    expectThat(itself !== undefined, `results for stored vector ${i}`, `${found.length} without it`, "itself among them");
    expectSame(itself?.distance, 0, `distance of stored vector ${i} to itself`);
  });
}

async function honoursDeletes(subject: HashSubject): Promise<void> {
  const { engine, storage } = engineOf(subject, subject.create());
  const rows = sample(subject);
  await store(engine, rows);
  const directory = storage.directory(0);
  await checkFound(engine, rows, () => true);
  await engine.deleteMany(Array.from(rowNumbers(rows)).filter((i) => i % 3 !== 0));
  await checkFound(engine, rows, (i) => i % 3 === 0);
  await engine.deleteMany(Array.from(rowNumbers(rows)).filter((i) => i !== 0));
  await checkFound(engine, rows, (i) => i === 0);
  const left = rowsInTable(directory);
  const most = subject.create().keysPerTable ?? 1;
  expectThat(left >= 1 && left <= most, "entries of the one row left in table 0, by the key directory", left, `1 to ${most}`);
  await engine.deleteVector(0);
  await checkFound(engine, rows, () => false);
  expectSame(rowsInTable(directory), 0, "rows in table 0, by the key directory, all deleted");
}

/** The same rows reached by detours, and directly in another order, under hashes of one configuration. */
async function forgets(subject: HashSubject): Promise<void> {
  const rows = sample(subject);
  const winding = engineOf(subject, subject.create());
  await store(winding.engine, sample(subject, rows.count, 5)); // other vectors under the same ids, replaced by the next line
  await store(winding.engine, rows);
  await candidatesOf(winding.engine, slice(rows, 0, 1)); // queries in between must not matter
  await winding.engine.deleteMany(Array.from(rowNumbers(rows)).filter((i) => i % 2 === 1));
  const straight = engineOf(subject, subject.revive(winding.engine.hashes[0].config()));
  for (let i = rows.count - 1; i >= 0; i--) if (i % 2 === 0) await store(straight.engine, slice(rows, i, i + 1), [i]);
  const queries = [rows, sample(subject, 20, 6)];
  for (const query of queries) {
    for (const probes of [1, 4]) {
      const found = await candidatesOf(winding.engine, query, probes);
      expectSame(found, await candidatesOf(straight.engine, query, probes), `candidates with ${probes} probes a table, by query`);
    }
  }
}

async function reopens(subject: HashSubject): Promise<void> {
  const { engine, storage } = engineOf(subject, subject.create());
  const rows = sample(subject);
  await store(engine, rows);
  const again = await Engine.open<unknown, Kind>({ storage, plugins: [subject.hashClass] });
  expectSame(await candidatesOf(again, rows, 2), await candidatesOf(engine, rows, 2), "candidates by stored vector, opened again");
}

/** Every vector that should be there is among its own candidates, and no other is among any. */
async function checkFound(engine: Engine<unknown, Kind>, rows: Rows, there: (i: number) => boolean): Promise<void> {
  const lists = await candidatesOf(engine, rows, 4);
  lists.forEach((found, i) => {
    const gone = found.find((id) => !there(Number(id)));
    expectSame(gone, undefined, `a deleted vector among the candidates of vector ${i}`);
    if (there(i)) expectThat(found.includes(i), `candidates of vector ${i}`, `${found.length} without it`, "itself among them");
  });
}

function rowsInTable(directory: KeyDirectory): number {
  let sum = 0;
  for (const entry of directory.sorted(0)) sum += directory.countAt(0, entry);
  return sum;
}

function rowNumbers({ count }: Rows): Iterable<number> {
  return Array.from({ length: count }).keys();
}
