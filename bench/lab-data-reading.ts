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
process.send?.(await readingRows(mebibytes, rounds), () => process.disconnect());

async function readingRows(mebibytes: number, rounds: number): Promise<LabDataRow[]> {
  const path = join(tmpdir(), `nearts-bench-${process.pid}.fvecs`);
  try {
    await writeFvecs(path, mebibytes);
    const chunks = [
      "plain read, one buffer again and again",
      () => plainRead(path),
      "readVectors, chunk by chunk",
      () => streamed(path),
    ] as const;
    const whole = ["plain read, whole", () => plainWhole(path), "readRows, whole", () => readRows(path)] as const;
    const { size } = await stat(path);
    return [...(await contest(...chunks, size, rounds)), ...(await contest(...whole, size, rounds))];
  } finally {
    await rm(path, { force: true });
  }
}

/** Medians of a plain read and of one of the lab, in turns, after one of each that nobody counts. */
async function contest(
  plain: string,
  readPlainly: () => Promise<unknown>,
  own: string,
  readRows: () => Promise<unknown>,
  size: number,
  rounds: number,
): Promise<LabDataRow[]> {
  const spent: [Spent[], Spent[]] = [[], []];
  for (let round = 0; round <= rounds; round++)
    for (const [i, work] of [readPlainly, readRows].entries()) {
      const one = await spentBy(work);
      if (round > 0) spent[i].push(one);
    }
  const seconds = spent.map((all) => median(all.map((one) => one.seconds)));
  return [plain, own].map((what, i) => ({
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

/** The bytes of a file, all in memory. */
async function plainWhole(path: string): Promise<number> {
  return (await readFile(path)).length;
}

async function streamed(path: string): Promise<number> {
  let rows = 0;
  for await (const chunk of readVectors(path)) rows += chunk.rows.count;
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
