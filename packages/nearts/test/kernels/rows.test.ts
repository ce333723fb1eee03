import { describe, expect, test } from "vitest";
import { fromHalf, toHalf } from "../../src/core/half.js";
import { codeOf, scaleOf } from "../../src/core/precision.js";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";
import { type Arena, padded } from "../../src/kernels/contract.js";

const seed = 20_261_123;
const stored = 40;

/** Where things lie: the query, rows, their numbers, bounds, ranks and a heap. */
interface Layout {
  readonly format: number;
  readonly values: number;
  readonly rowBytes: number;
  readonly at: { readonly base: number; readonly numbers: number; readonly bounds: number; readonly out: number; readonly heap: number };
}

function layoutOf(format: number, dim: number): Layout {
  const values = padded(dim);
  const rowBytes = [values * 4, values * 2, values + 4, values, values][format];
  const base = values * 4;
  const numbers = base + Math.ceil((stored * rowBytes) / 16) * 16;
  return { format, values, rowBytes, at: { base, numbers, bounds: numbers + 1024, out: numbers + 2048, heap: numbers + 3072 } };
}

/** A build's arena and the plain one with the same query and rows. */
function twins({ format, values, rowBytes, at }: Layout, dim: number, random: Random): { simd: Arena; reference: Arena } {
  const simd = createArena("simd");
  const reference = createArena("reference");
  for (const arena of [simd, reference]) arena.ensure(at.heap + 1024);
  const { f32, u8 } = simd.views();
  const packed = format === 4;
  for (let i = 0; i < dim; i++) {
    if (packed) u8[i] = random.below(256);
    else f32[i] = random.uniform() - 0.5;
  }
  for (let r = 0; r < stored; r++) {
    if (format >= 3) for (let i = 0; i < dim; i++) u8[at.base + r * rowBytes + i] = r === 7 ? 0 : random.below(256 >> (r % 3));
    if (format >= 3) continue;
    const x = Float32Array.from({ length: dim }, () => (r === 7 ? 0 : (random.uniform() - 0.5) * 4 ** (r % 3)));
    const row = at.base + r * rowBytes;
    if (format === 0) f32.set(x, row >>> 2);
    else if (format === 1) new Uint16Array(u8.buffer, row, values).set(Array.from(x, toHalf));
    else {
      const scale = scaleOf(Math.max(...x.map(Math.abs)));
      f32[row >>> 2] = scale;
      new Int8Array(u8.buffer, row + 4, values).set(Array.from(x, (value) => codeOf(value, scale)));
    }
  }
  reference.views().u8.set(u8.subarray(0, at.heap + 1024));
  return { simd, reference };
}

function ranks(arena: Arena, { format, values, rowBytes, at }: Layout, metric: number, count: number): Float32Array {
  arena.kernels.rankRows(metric, format, 0, values, at.base, rowBytes, at.numbers, count, at.out);
  return arena.views().f32.slice(at.out >>> 2, (at.out >>> 2) + count);
}

const formats = [0, 1, 2, 3, 4] as const;
/** Packed queries are compared by squares alone. */
const metricsOf = (format: number) => (format === 4 ? [0] : [0, 1, 2]);
const dims = [1, 2, 3, 4, 5, 8, 9, 12, 17, 100, 784];

describe.each(formats)("rows of format %i", (format) => {
  test.each(dims)("and %i dimensions are ranked as the plain twin does, equal rows equally wherever they stand", (dim) => {
    const random = new Random(seed + dim);
    const layout = layoutOf(format, dim);
    const { simd, reference } = twins(layout, dim, random);
    const count = 27;
    const rows = Array.from({ length: count }, (_, c) => (c % 5 === 0 ? 3 : random.below(stored)));
    for (const arena of [simd, reference]) arena.views().u32.set(rows, layout.at.numbers >>> 2);
    for (const metric of metricsOf(format)) {
      const [mine, plain] = [simd, reference].map((arena) => ranks(arena, layout, metric, count));
      mine.forEach((rank, c) => {
        expect(Math.abs(rank - plain[c]), `metric ${metric}, row ${rows[c]}, seed ${seed + dim}`).toBeLessThanOrEqual(
          format === 3 ? dim * 0.1 : dim * 1e-5,
        );
      });
      for (let n = 1; n < 8; n++) expect(ranks(simd, layout, metric, n)[0]).toBe(mine[0]);
      expect(new Set(mine.filter((_, c) => rows[c] === 3)).size).toBe(1);
    }
  });

  test.each([5, 100])("and %i dimensions are widened bit for bit as the plain twin does", (dim) => {
    const layout = layoutOf(format, dim);
    const { simd, reference } = twins(layout, dim, new Random(seed));
    for (let r = 0; r < stored; r++) {
      const [mine, plain] = [simd, reference].map((arena) => {
        arena.kernels.widen(format, layout.at.base + r * layout.rowBytes, layout.values, layout.at.out);
        return arena.views().u32.slice(layout.at.out >>> 2, (layout.at.out >>> 2) + layout.values);
      });
      expect(mine).toEqual(plain);
    }
  });

  test("are the nearest of all when their bounds hold, and rows of higher bounds are not read", () => {
    const random = new Random(seed);
    const dim = 20;
    const layout = layoutOf(format, dim);
    const { at, values, rowBytes } = layout;
    const { simd, reference } = twins(layout, dim, random);
    for (const metric of metricsOf(format)) {
      for (const [limit, within] of [
        [1, 1e30],
        [6, 1e30],
        [13, 1e30],
        [39, 1e30],
        [13, 0.5],
        [5, -1e30],
      ] as const) {
        const order = random.permutation(stored);
        const results = [simd, reference].map((arena) => {
          arena.views().u32.set(order, at.numbers >>> 2);
          const all = ranks(arena, layout, metric, stored);
          const { u32, f32 } = arena.views();
          // Rows that are not there, of bounds too high to be looked at: reading them would trap.
          for (let c = 0; c < stored + 10; c++) {
            u32[(at.numbers >>> 2) + c] = c < stored ? order[c] : 2 ** 24 + c;
            f32[(at.bounds >>> 2) + c] = c < stored ? all[c] - (c % 4) * 0.3 - 1e-4 : 1e31;
          }
          const held = arena.kernels.nearestBounded(
            metric,
            format,
            0,
            values,
            at.base,
            rowBytes,
            at.numbers,
            at.bounds,
            stored + 10,
            at.heap,
            0,
            limit,
            within,
          );
          arena.kernels.drain(at.heap, held, limit);
          const found = Array.from({ length: held }, (_, i) => u32[(at.heap >>> 2) + limit + i]);
          const expected = Array.from(all, (rank, c) => ({ rank, row: order[c] }))
            .filter(({ rank }) => rank <= within)
            .sort((a, b) => a.rank - b.rank || a.row - b.row);
          expect(found, `metric ${metric}, limit ${limit}, within ${within}`).toEqual(expected.slice(0, limit).map(({ row }) => row));
          return found;
        });
        expect(results[0]).toEqual(results[1]);
      }
    }
  });
});

test.each([4, 12, 784])("%i values are packed where all are whole numbers from 0 to 255, as by the plain twin", (count) => {
  const random = new Random(seed + count);
  const fits = (odd: number | null) => {
    const values = Float32Array.from({ length: count }, () => random.below(256));
    values[0] = 255;
    if (odd !== null) values[random.below(count)] = odd;
    const [mine, plain] = (["simd", "reference"] as const).map((build) => {
      const arena = createArena(build);
      arena.ensure(count * 8);
      arena.views().f32.set(values);
      const whole = arena.kernels.pack(0, count, count * 4);
      expect(arena.kernels.pack(0, count, 0), "in place").toBe(whole);
      return { whole, bytes: arena.views().u8.slice(count * 4, count * 5), inPlace: arena.views().u8.slice(0, count) };
    });
    expect(mine.whole).toBe(plain.whole);
    if (mine.whole === 1) expect([mine, mine.inPlace]).toEqual([plain, mine.bytes]);
    if (mine.whole === 1) expect(Float32Array.from(mine.bytes)).toEqual(values);
    return mine.whole === 1;
  };
  for (const odd of [null, 0, 1, 254, 255]) expect(fits(odd), `with ${odd}`).toBe(true);
  for (const odd of [-0, -1, 0.5, 254.5, 256, 65_536, 2 ** 31, 2 ** 33, 1e30, -1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(fits(odd), `with ${Object.is(odd, -0) ? "-0" : odd}`).toBe(false);
  }
});

test("packed rows and queries have exact sums of squares, at the ends of their range too", () => {
  for (const dim of [4, 36, 16_384]) {
    const random = new Random(seed + dim);
    for (const build of ["simd", "reference"] as const) {
      const arena = createArena(build);
      const rows = 5;
      const out = Math.ceil((dim * (rows + 1) + 64) / 8) * 8;
      arena.ensure(out + 8 * rows);
      const { u8, u32, f64 } = arena.views();
      for (let i = 0; i < dim * (rows + 1); i++) u8[i] = i < dim ? 0 : i < 2 * dim ? 255 : random.below(256);
      const numbers = Math.ceil((dim * (rows + 1)) / 4) * 4;
      u32.set([0, 4, 1, 3, 0], numbers >>> 2);
      arena.kernels.packedSquares(0, dim, dim, dim, numbers, rows, out);
      const squareOf = (row: number) => u8.subarray(dim + row * dim, dim + (row + 1) * dim).reduce((sum, x) => sum + x * x, 0);
      expect(Array.from(f64.subarray(out >>> 3, (out >>> 3) + rows))).toEqual([0, 4, 1, 3, 0].map(squareOf));
      expect(f64[out >>> 3]).toBe(dim * 65_025);
    }
  }
});

test("halves are widened exactly, all that are finite", () => {
  const arena = createArena("simd");
  arena.ensure(65_536 * 6);
  const { u8, f32 } = arena.views();
  new Uint16Array(u8.buffer, 0, 65_536).set(Uint16Array.from({ length: 65_536 }, (_, i) => i));
  arena.kernels.widen(1, 0, 65_536, 65_536 * 2);
  const wrong = [];
  for (let bits = 0; bits < 65_536; bits++) {
    if ((bits & 0x7c00) !== 0x7c00 && !Object.is(f32[32_768 + bits], fromHalf(bits))) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
});
