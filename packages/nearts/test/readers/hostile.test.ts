import { afterAll, beforeAll, expect, test } from "vitest";
import { NearError } from "../../src/core/errors.js";
import type { DenseRows, SparseRows } from "../../src/core/rows.js";
import { FORMAT_NAMES, type FormatName, OPEN_DIM, readAll, readIntegers, type Source, type VectorChunk } from "../../src/readers/index.js";
import { concat, gzip, hex, npy, npyDict, pieces, plain, utf8 } from "./files.js";
import { Dice, mutate, type Specimen } from "./mutate.js";

const SEED = 71;
/** Ten times as many in the long campaign, `npm run torture`. */
const CASES = 20_000 * Number(process.env["NEARTS_CAMPAIGN"] ?? 1);

/** Every how many cases the bytes are also cut into pieces, which must not change the outcome. */
const CUT_EVERY = 32;

// A hundred thousand errors are made here whose stacks nobody reads; taking them would double the time.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** Words that mislead a reader of numbers, of JSON or of NumPy's header. */
const NUMBERS = [
  "",
  "0",
  "-0",
  "-1",
  "1e39",
  "-1e309",
  "1e-400",
  "NaN",
  "inf",
  "0x1",
  "4294967294",
  "4294967295",
  "4294967296",
  "9007199254740993",
  "9".repeat(400),
];
const JSON_WORDS = [
  ...NUMBERS,
  "null",
  "true",
  '""',
  '"a"',
  "[",
  "]",
  "{",
  "}",
  "[".repeat(50),
  '"__proto__"',
  '"vector"',
  '"indices"',
  '"dim"',
  '"id"',
  "\n",
  "\xff",
];
const SVM_WORDS = [...NUMBERS, "1:1", "qid:1", "qid:", "1,2", ",", ":", "#", "\n", "\xff", "\0"];
const NPY_WORDS = [
  ...NUMBERS,
  "'",
  '"',
  "'<f8'",
  "'>i2'",
  "'|u1'",
  "'descr'",
  "'shape'",
  "True",
  "False",
  "None",
  "9L",
  "(",
  ")",
  "{",
  "}",
  "x()",
];

const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 61);
const npyOf = (descr: string, shape: string, fortran: string, size: number): Uint8Array =>
  npy(npyDict(descr, shape, fortran), numbers(size));

const SPECIMENS: Readonly<Record<FormatName, readonly Specimen[]>> = {
  fvecs: [
    { bytes: hex("02000000 0000803f 000000c0   02000000 0000003f 0000c842   02000000 00000000 0000c040"), fields: [0, 12, 24] },
    { bytes: concat(hex("08000000"), numbers(32), hex("08000000"), numbers(32)), fields: [0, 36] },
  ],
  bvecs: [
    { bytes: hex("03000000 00 01 ff   03000000 02 80 7f   03000000 05 06 07"), fields: [0, 7, 14] },
    { bytes: concat(hex("28000000"), numbers(40), hex("28000000"), numbers(40)), fields: [0, 44] },
  ],
  ivecs: [{ bytes: hex("02000000 07000000 ffffffff   02000000 ffffff7f 00000080   02000000 00000000 01000000"), fields: [0, 12, 24] }],
  npy: [
    { bytes: npyOf("<f4", "(3, 2)", "False", 24), fields: [6, 7, 8] },
    { bytes: npyOf("<f4", "(3, 2)", "False", 24), words: NPY_WORDS },
    { bytes: npyOf(">f8", "(2, 3)", "True", 48), words: NPY_WORDS },
    { bytes: npy(npyDict("<i8", "(3,)", "True"), hex("0000000000000000 0100000000000000 feffffffffffffff")), fields: [6, 7, 8] },
    { bytes: npyOf("<f2", "(4, 3)", "False", 24), fields: [6, 8, 9] },
  ],
  idx: [
    { bytes: concat(hex("00000803 00000003 00000002 00000002"), numbers(12)), fields: [2, 3, 4, 8, 12] },
    { bytes: concat(hex("00000d02 00000003 00000002"), numbers(24)), fields: [2, 3, 4, 8] },
    { bytes: concat(hex("00000e01 00000003"), numbers(24)), fields: [2, 3, 4] },
  ],
  svmlight: [
    { bytes: utf8("+1 1:0.5 3:-2e1 7:3 # one\n-1 qid:2 2:1 9:.25\n\n0,1 4:5\r\n"), words: SVM_WORDS },
    { bytes: utf8("-1 1:1 6:1 17:1 21:1\n# two\n+1 2:1 10:1\n0\n"), words: SVM_WORDS },
  ],
  jsonl: [
    { bytes: utf8('[1, 2.5, -3e1]\n{"id": "a", "vector": [4, 5, 6], "data": {"x": [null, true]}}\n'), words: JSON_WORDS },
    { bytes: utf8('{"indices": [0, 3], "values": [1, 2], "dim": 9}\n{"indices": [], "values": [], "id": 7}\n'), words: JSON_WORDS },
  ],
};

/** The rows as text, or the code and message of the refusal; fails on anything else. */
async function outcomeOf(source: Source, format: FormatName): Promise<string> {
  try {
    return JSON.stringify(plain(await readAll(source, { format })));
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): string {
  if (error instanceof NearError) return `${error.code} ${error.message}`;
  throw error;
}

/** Fails unless the rows keep their contract and take no more than what `inputBytes` can hold. */
function checkChunk({ rows, ids, data }: VectorChunk, inputBytes: number): void {
  const problem = rows.kind === "dense" ? denseProblem(rows) : sparseProblem(rows);
  if (problem !== undefined) throw new Error(problem);
  if (rows.values.some((value) => !Number.isFinite(value))) throw new Error("a value is not finite");
  if ([ids, data].some((column) => column !== undefined && column.length !== rows.count))
    throw new Error("a column has not one item a row");
  if (rows.values.buffer.byteLength > 4 * inputBytes) throw new Error(`${inputBytes} bytes became ${rows.values.length} values`);
}

function denseProblem({ dim, count, values }: DenseRows): string | undefined {
  if (!(dim >= 1 && count >= 1)) return `dim ${dim}, count ${count}`;
  return values.length === dim * count ? undefined : `${values.length} values for ${count} rows of ${dim}`;
}

function sparseProblem({ dim, count, offsets, indices, values }: SparseRows): string | undefined {
  if (!(dim >= 1 && dim <= OPEN_DIM && count >= 1)) return `dim ${dim}, count ${count}`;
  if (offsets.length !== count + 1 || offsets[0] !== 0 || offsets[count] !== indices.length || indices.length !== values.length)
    return "columns of unlike length";
  for (let row = 0; row < count; row++) {
    for (let e = offsets[row]; e < offsets[row + 1]; e++) {
      if (indices[e] >= dim || (e > offsets[row] && indices[e] <= indices[e - 1])) return `index ${indices[e]} in row ${row}`;
    }
    if (offsets[row] > offsets[row + 1]) return "offsets descend";
  }
  return undefined;
}

function cutUp(bytes: Uint8Array, dice: Dice): AsyncIterable<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + dice.roll(16);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces(...parts);
}

test.each(FORMAT_NAMES)(
  `${CASES} damaged files of format %s give good rows or a NearError, whatever the pieces (seed ${SEED})`,
  async (format) => {
    const dice = new Dice(SEED);
    const good = await Promise.all(SPECIMENS[format].map(({ bytes }) => outcomeOf(bytes, format)));
    const tally = new Map<string, number>();

    for (let i = 0; i < CASES; i++) {
      const bytes = mutate(dice.pick(SPECIMENS[format]), dice);
      let outcome = "rows";
      try {
        checkChunk(await readAll(bytes, { format }), bytes.length);
      } catch (error) {
        outcome = refusal(error).slice(0, "E_BAD_FILE".length);
      }
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      if (i % CUT_EVERY === 0) expect(await outcomeOf(cutUp(bytes, dice), format)).toBe(await outcomeOf(bytes, format));
    }

    // Neither harmless nor refused altogether: the damage reaches what the reader must judge.
    expect(good.every((outcome) => outcome.startsWith("{"))).toBe(true);
    expect(tally.get("rows")).toBeGreaterThan(CASES / 100);
    expect(tally.get("E_BAD_FILE")).toBeGreaterThan(CASES / 4);
  },
);

test(`${CASES / 4} damaged ivecs files give good integers or a NearError (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  let read = 0;
  for (let i = 0; i < CASES / 4; i++) {
    const bytes = mutate(SPECIMENS.ivecs[0], dice);
    try {
      const { dim, count, values } = await readIntegers(bytes);
      if (values.length !== dim * count || values.buffer.byteLength > bytes.length) throw new Error(`${values.length} values`);
      read++;
    } catch (error) {
      refusal(error);
    }
  }

  expect(read).toBeGreaterThan(CASES / 40);
});

test(`2000 damaged gzip files give good rows or a NearError (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const specimens: Specimen[] = FORMAT_NAMES.flatMap((format) =>
    SPECIMENS[format].map(({ bytes }) => ({ bytes: gzip(bytes), fields: [3, 10] })),
  );
  const tally = new Map<string, number>();

  for (let i = 0; i < 2000; i++) {
    const bytes = mutate(dice.pick(specimens), dice);
    const outcome = (await outcomeOf(bytes, dice.pick(FORMAT_NAMES))).slice(0, "E_BAD_FILE".length);
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  }

  expect(tally.get("E_BAD_FILE")).toBeGreaterThan(1000);
});

test("counts that promise terabytes cost nothing before the bytes are there", async () => {
  const liars: readonly (readonly [FormatName, Uint8Array])[] = [
    ["fvecs", hex("00001000 00000000")],
    ["bvecs", hex("00001000 00000000")],
    ["npy", npy(npyDict("<f8", "(9000000000000000, 1048576)"), hex("00"))],
    ["npy", npy(npyDict("<f8", "(30, 1048576)", "True"), hex("00"))],
    ["idx", hex("00000e02 ffffffff 00100000 00")],
  ];

  for (const [format, bytes] of liars) {
    const before = process.memoryUsage().arrayBuffers;
    const outcome = await outcomeOf(bytes, format);
    expect(outcome).toMatch(/^E_BAD_FILE/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 16);
  }
});
