import type { KernelFunctions, Views } from "./contract.js";

/** Plain twins of kernels/orthogonal.ts. */
export function referenceOrthogonal(views: () => Views): Pick<KernelFunctions, "transpose" | "transposeWide" | "gram" | "substitute"> {
  return {
    transpose: (from, rows, columns, to, length) => turn(views().u32, from >>> 2, rows, columns, to >>> 2, length),
    transposeWide: (from, rows, columns, to, length) => turn(views().f64, from >>> 3, rows, columns, to >>> 3, length),
    gram: (values, rows, apart, count, from, to, out) => {
      const { f64 } = views();
      for (let m = from; m < to; m++) {
        for (let n = 0; n <= m; n++) {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += f64[(values >>> 3) + i * apart + m] * f64[(values >>> 3) + i * apart + n];
          f64[(out >>> 3) + m * count + n] = sum;
        }
      }
    },
    substitute: (rows, stride, factor, count, from, to) => {
      const { f64 } = views();
      const row = (n: number) => f64.subarray((rows >>> 3) + n * stride, (rows >>> 3) + (n + 1) * stride);
      for (let m = from; m < to; m++) {
        const weights = f64.subarray((factor >>> 3) + m * count, (factor >>> 3) + m * count + m + 1);
        const own = row(m);
        let n = 0;
        for (; n + 4 <= m; n += 4) {
          const [a, b, c, d] = [row(n), row(n + 1), row(n + 2), row(n + 3)];
          const [s, t, u, v] = weights.subarray(n, n + 4);
          for (let i = 0; i < stride; i++) own[i] -= s * a[i] + t * b[i] + (u * c[i] + v * d[i]);
        }
        for (; n < m; n++) {
          const one = row(n);
          for (let i = 0; i < stride; i++) own[i] -= weights[n] * one[i];
        }
        const scale = weights[m] > 0 ? 1 / weights[m] : 0;
        for (let i = 0; i < stride; i++) own[i] *= scale;
      }
    },
  };
}

function turn(values: Uint32Array | Float64Array, from: number, rows: number, columns: number, to: number, length: number): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[to + c * length + r] = values[from + r * columns + c];
}
