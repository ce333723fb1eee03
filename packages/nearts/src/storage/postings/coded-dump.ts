import { blockEntries } from "../../core/codes.js";
import { filled, pieceBytes, type Supply } from "../../core/dump.js";
import { scanJob, type Views } from "../../kernels/contract.js";
import type { Buckets } from "./buckets.js";
import type { CodeMemory } from "./code-memory.js";
import { blocksFrom, type CodedLists } from "./coded-lists.js";
import { ScanJobs } from "./scan-jobs.js";
import type { EntryForm } from "./table-dump.js";

/** Where entries lie in one piece, as a scan would read them. */
interface Run {
  readonly at: number;
  readonly count: number;
  readonly kind: number;
}

/**
 * Entries with codes as they lie in memory: buckets of fewer than 16 as records, others as blocks, whose free places are zeros. A bucket that shrank to
 * fewer and is still in blocks is written as records, which it would be had it never grown.
 */
export function codedForm(buckets: Buckets<CodedLists>, memory: () => CodeMemory): EntryForm {
  const jobs = new ScanJobs();
  const words = new Uint32Array(scanJob.bytes / 4);
  const bytes = (length: number) => {
    const { layout } = memory();
    return length < blocksFrom ? length * layout.recordBytes : Math.ceil(length / blockEntries) * layout.blockBytes;
  };
  const runsOf = (table: number, bucket: number): readonly Run[] => {
    jobs.clear();
    buckets.lists[table].scan(bucket, jobs, 0, 0, 0);
    const all = jobs.count === 1 ? words : new Uint32Array(jobs.count * words.length);
    jobs.copyTo(all, 0);
    return Array.from({ length: jobs.count }, (_, j) => {
      const [at, count, kind] = [scanJob.entries, scanJob.count, scanJob.kind].map((offset) => all[j * words.length + offset / 4]);
      return { at, count, kind };
    });
  };
  return {
    bytes,
    pieces: (table, bucket) => {
      const runs = runsOf(table, bucket);
      const length = buckets.keys[table].lengths[bucket];
      return length < blocksFrom ? records(memory(), runs[0], length) : blocks(memory(), runs);
    },
    restore: async (table, lengths, _entries, supply) => {
      for (let bucket = 0; bucket < lengths.length; bucket++) {
        const length = lengths[bucket];
        if (bytes(length) > supply.left)
          supply.refuse(`bucket ${bucket} of table ${table} has ${length} entries, for which there are not enough bytes`);
        // Room for all of them in one piece, which hold anything yet.
        buckets.lists[table].reserve(bucket, length);
        buckets.keys[table].lengths[bucket] = length;
        buckets.keys[table].empty--;
        const [{ at, kind }] = runsOf(table, bucket);
        await restoreRun(memory(), { at, count: length, kind }, bytes(length), supply);
      }
    },
  };
}

/** Fills the room of a bucket. Nothing else is allocated meanwhile, so that memory does not move. */
async function restoreRun({ arena, layout }: CodeMemory, { at, count, kind }: Run, bytes: number, supply: Supply): Promise<void> {
  await filled(supply, arena.views().u8.subarray(at, at + bytes));
  if (!layout.finite(arena.views(), at, count, kind)) supply.refuse("an entry has a factor that is no finite number");
}

function* records({ arena, layout }: CodeMemory, { at, kind }: Run, length: number): Iterable<Uint8Array> {
  const { recordBytes } = layout;
  if (kind === 1) {
    yield* pieces((from, to) => arena.views().u8.subarray(at + from, at + to), length * recordBytes);
    return;
  }
  const own = viewsOf(length * recordBytes);
  for (let lane = 0; lane < length; lane++) layout.laneToRecord(arena.views(), at, lane, lane * recordBytes, own);
  yield* pieces((from, to) => own.u8.subarray(from, to), length * recordBytes);
}

function* blocks({ arena, layout }: CodeMemory, runs: readonly Run[]): Iterable<Uint8Array> {
  const { blockBytes } = layout;
  for (const { at, count } of runs) {
    const full = Math.floor(count / blockEntries) * blockBytes;
    yield* pieces((from, to) => arena.views().u8.subarray(at + from, at + to), full);
    if (count % blockEntries === 0) continue;
    const last = viewsOf(blockBytes);
    last.u8.set(arena.views().u8.subarray(at + full, at + full + blockBytes));
    layout.clearLanes(last, 0, count % blockEntries);
    yield* pieces((from, to) => last.u8.subarray(from, to), blockBytes);
  }
}

/** Bytes 0 … length) in pieces; `view` is asked anew for each, as memory may move in between. */
function* pieces(view: (from: number, to: number) => Uint8Array, length: number): Iterable<Uint8Array> {
  for (let from = 0; from < length; from += pieceBytes) yield view(from, Math.min(length, from + pieceBytes));
}

function viewsOf(bytes: number): Views {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 16) * 16);
  return { u8: new Uint8Array(buffer), u32: new Uint32Array(buffer), f32: new Float32Array(buffer), f64: new Float64Array(buffer) };
}
