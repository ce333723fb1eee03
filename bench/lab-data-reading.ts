import { open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "nearts";
import { readRows, readVectors } from "nearts-lab";
import type { LabDataRow } from "./lab-data.js";
import { type Spent, spentBy } from "./spent.js";
import { median } from "./statistics.js";
import { digits } from "./table.js";

const dim = 128;
const [mebibytes, rounds] = process.argv.slice(2).map(Number);

interface Way {
  readonly what: string;
  readonly read: (path: string) => Promise<unknown>;
}

/** A plain read and one of the lab that leave as much behind: nothing, a few MiB at a time, everything. */
const contests: readonly (readonly [Way, Way])[] = [
  [
    { what: "plain read, one buffer again and again", read: plainRead },
    { what: "readVectors, borrowed chunks", read: (path) => streamed(path, true) },
  ],
  [
    { what: "plain read, a buffer for each 4 MiB", read: plainPieces },
    { what: "readVectors, chunks to keep", read: (path) => streamed(path, false) },
  ],
  [
    { what: "plain read, whole", read: readFile },
    { what: "readRows, whole", read: (path) => readRows(path) },
  ],
];

process.send?.(await readingRows(mebibytes, rounds), () => process.disconnect());

async function readingRows(mebibytes: number, rounds: number): Promise<LabDataRow[]> {
  const path = join(tmpdir(), `nearts-bench-${process.pid}.fvecs`);
  try {
    await writeFvecs(path, mebibytes);
    const rows: LabDataRow[] = [];
    for (const ways of contests) rows.push(...(await contest(ways, path, rounds)));
    return rows;
  } finally {
    await rm(path, { force: true });
  }
}

/** Medians of a plain read and of one of the lab, in turns, after one of each that nobody counts. */
async function contest(ways: readonly [Way, Way], path: string, rounds: number): Promise<LabDataRow[]> {
  const { size } = await stat(path);
  const spent: [Spent[], Spent[]] = [[], []];
  for (let round = 0; round <= rounds; round++)
    for (const [i, { read }] of ways.entries()) {
      const one = await spentBy(() => read(path));
      if (round > 0) spent[i].push(one);
    }
  const seconds = spent.map((all) => median(all.map((one) => one.seconds)));
  return ways.map(({ what }, i) => ({
    what,
    seconds: seconds[i],
    cpuSeconds: median(spent[i].map(({ cpuSeconds }) => cpuSeconds)),
    note: `${digits(size / 1e9 / seconds[i])} GB/s, ${digits(seconds[0] / seconds[i])} of the plain read`,
  }));
}

/** Reads the bytes of a file, and does nothing with them. */
async function plainRead(path: string): Promise<void> {
  const file = await open(path);
  const buffer = new Uint8Array(2 ** 18);
  try {
    for (;;) if ((await file.read(buffer, 0, buffer.length, null)).bytesRead === 0) return;
  } finally {
    await file.close();
  }
}

/** Reads the bytes of a file into buffers that could be kept. */
async function plainPieces(path: string): Promise<void> {
  const file = await open(path);
  try {
    for (;;) {
      const buffer = new Uint8Array(2 ** 22);
      if ((await file.read(buffer, 0, buffer.length, null)).bytesRead === 0) return;
    }
  } finally {
    await file.close();
  }
}

async function streamed(path: string, borrowed: boolean): Promise<number> {
  let rows = 0;
  for await (const chunk of readVectors(path, { borrowed })) rows += chunk.rows.count;
  return rows;
}

/** Writes rows of random values: 1 MiB of them, again and again. */
async function writeFvecs(path: string, mebibytes: number): Promise<void> {
  const random = new Random(1);
  const stride = 1 + dim;
  const rows = Math.floor(2 ** 18 / stride);
  const block = Float32Array.from({ length: rows * stride }, () => random.uniform());
  const counts = new Int32Array(block.buffer);
  for (let row = 0; row < rows; row++) counts[row * stride] = dim;
  const file = await open(path, "w");
  try {
    for (let written = 0; written < mebibytes * 2 ** 20; written += block.byteLength) await file.write(block);
  } finally {
    await file.close();
  }
}
