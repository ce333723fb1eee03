import { encodePlan, type KernelFunctions, type Views } from "./contract.js";

const { fround } = Math;

/** Plain twins of kernels/encode.ts. */
export function referenceEncode(views: () => Views): Pick<KernelFunctions, "choose" | "encode"> {
  const choose: KernelFunctions["choose"] = (values, count, apart, table, width, groups, factor, chosen) => {
    const { f32, u8 } = views();
    for (let r = 0; r < count; r++) {
      for (let g = 0; g < groups; g++) {
        const at = (values >>> 2) + r * apart + g * width;
        u8[chosen + r * groups + g] =
          table === 0 ? signsOf(f32, at) : nearestOf(f32, at, (table >>> 2) + g * (width + 1) * 16, width, fround(factor));
      }
    }
  };
  return {
    choose,
    encode: (plan, count) => {
      for (let e = 0; e < count; e++) encodeOne(views(), plan, e, count, choose);
    },
  };
}

function signsOf(f32: Float32Array, at: number): number {
  let bits = 0;
  for (let i = 0; i < 4; i++) if (f32[at + i] > 0 || Object.is(f32[at + i], 0)) bits |= 1 << i;
  return bits;
}

function nearestOf(f32: Float32Array, at: number, table: number, width: number, factor: number): number {
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  for (let j = 0; j < 16; j++) {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const product = fround(fround(f32[at + i] * factor) * f32[table + i * 16 + j]);
      sum = i === 0 ? product : fround(sum + product);
    }
    const promise = fround(sum - f32[table + width * 16 + j]);
    if (promise > most) [best, most] = [j, promise];
  }
  return best;
}

function encodeOne({ u8, u32, f32 }: Views, plan: number, e: number, count: number, choose: KernelFunctions["choose"]): void {
  const word = (field: number) => u32[(plan + field) >>> 2];
  const [size, apart, width, groups] = [encodePlan.size, encodePlan.apart, encodePlan.width, encodePlan.groups].map(word);
  const row = u32[(word(encodePlan.rows) >>> 2) + e];
  const mapped = (word(encodePlan.mapped) >>> 2) + row * size;
  const anchor = (word(encodePlan.anchors) >>> 2) + e * apart;
  const y = f32.subarray(word(encodePlan.differences) >>> 2, (word(encodePlan.differences) >>> 2) + apart).fill(0);
  let [square, inside] = [0, 0];
  for (let i = 0; i < size; i++) {
    const place = u32[(word(encodePlan.places) >>> 2) + i];
    y[place] = f32[mapped + i] - f32[anchor + place];
    square += y[place] * y[place];
    inside += f32[mapped + i] * f32[mapped + i];
  }
  const stretched = word(encodePlan.stretched) === 1;
  const factor = stretched ? fround(Math.sqrt(size / (square || 1))) : f32[(plan + encodePlan.factor) >>> 2];
  const chosen = word(encodePlan.chosen);
  choose(word(encodePlan.differences), 1, apart, word(encodePlan.table), width, groups, factor, chosen);
  let [along, own, across] = [0, 0, 0];
  for (let k = 0; k < apart; k++) {
    const value = f32[(word(encodePlan.entries) >>> 2) + k * 16 + u8[chosen + Math.floor(k / width)]];
    along += value * y[k];
    own += value * value;
    across += value * f32[anchor + k];
  }
  const knows = along > 0 && square * own <= size * along * along;
  const scale = knows ? square / along : 0;
  const tail = word(encodePlan.tailed) === 1 ? Math.max(0, f32[(word(encodePlan.squares) >>> 2) + row] - inside) : 0;
  const noise = f32[(plan + encodePlan.noise) >>> 2] * (square + tail);
  const missed = (knows ? Math.max(0, scale * scale * own - square) : size * square) + tail + noise;
  const dot = word(encodePlan.dot) === 1;
  put(f32, (word(encodePlan.factors) >>> 2) + e, count, [
    dot ? 0 : square + tail + 2 * scale * across,
    scale,
    (dot ? 1 : 2) * Math.sqrt(missed),
  ]);
  const bytes = (groups + 1) >>> 1;
  for (let b = 0; b < bytes; b++) {
    const high = 2 * b + 1 < groups ? u8[chosen + 2 * b + 1] : 0;
    u8[word(encodePlan.codes) + e * bytes + b] = u8[chosen + 2 * b] | (high << 4);
  }
}

/** What does not fit becomes an estimate that says it is far, and rules nothing out. */
function put(f32: Float32Array, at: number, column: number, [add, scale, error]: readonly number[]): void {
  const fits = Math.abs(add) < 1e38 && scale < 1e38 && error < 1e38;
  f32[at] = fits ? add : 1e20;
  f32[at + column] = fits ? scale : 0;
  f32[at + 2 * column] = fits ? error : 1e38;
}
