// Codes of rows: the nearest of 16 entries for each group of a few values, and the factors by which ranks are estimated from them. Stored, so every operation is
// that of the plain twin. Layout of the plan: src/kernels/contract.ts.

/** chosen[r·groups + g] (u8) = the entry nearest to the values of group g of row r, times `factor`: see the contract. */
export function choose(values: usize, count: u32, apart: u32, table: usize, width: u32, groups: u32, factor: f32, chosen: usize): void {
  for (let r: u32 = 0; r < count; r++) {
    chooseOne(values, table, width, groups, factor, chosen);
    values += (<usize>apart) << 2;
    chosen += groups;
  }
}

// @ts-ignore: decorator
@inline
function chooseOne(values: usize, table: usize, width: u32, groups: u32, factor: f32, chosen: usize): void {
  const end = chosen + groups;
  if (table == 0) {
    // Signs: entry j has +1 where bit i of j is set.
    for (; chosen < end; chosen++, values += 16) store<u8>(chosen, i32x4.bitmask(v128.load(values)) ^ 15);
    return;
  }
  const f = f32x4.splat(factor);
  for (; chosen < end; chosen++) {
    const first = f32x4.mul(v128.load32_splat(values), f);
    let a = f32x4.mul(first, v128.load(table));
    let b = f32x4.mul(first, v128.load(table, 16));
    let c = f32x4.mul(first, v128.load(table, 32));
    let d = f32x4.mul(first, v128.load(table, 48));
    values += 4;
    table += 64;
    for (let i: u32 = 1; i < width; i++, values += 4, table += 64) {
      const x = f32x4.mul(v128.load32_splat(values), f);
      a = f32x4.add(a, f32x4.mul(x, v128.load(table)));
      b = f32x4.add(b, f32x4.mul(x, v128.load(table, 16)));
      c = f32x4.add(c, f32x4.mul(x, v128.load(table, 32)));
      d = f32x4.add(d, f32x4.mul(x, v128.load(table, 48)));
    }
    // ‖v − e‖² is least where ⟨v, e⟩ − ½‖e‖² is largest.
    a = f32x4.sub(a, v128.load(table));
    b = f32x4.sub(b, v128.load(table, 16));
    c = f32x4.sub(c, v128.load(table, 32));
    d = f32x4.sub(d, v128.load(table, 48));
    table += 64;
    let most = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
    most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
    most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 1, 0, 3, 2));
    const low = i16x8.narrow_i32x4_s(f32x4.eq(a, most), f32x4.eq(b, most));
    const high = i16x8.narrow_i32x4_s(f32x4.eq(c, most), f32x4.eq(d, most));
    store<u8>(chosen, ctz(i8x16.bitmask(i8x16.narrow_i16x8_s(low, high))) & 15);
  }
}

/** Above this a factor would not fit float32 after its product with a spread. */
const largest: f64 = 1e38;
/** A rank beyond those of vectors of ordinary length; less deviations of `largest` it is below all of them. */
const far: f64 = 1e20;

/** Codes and factors of the first `count` entries of a plan. */
export function encode(plan: usize, count: u32): void {
  const rows = <usize>load<u32>(plan, 4);
  const groups = load<u32>(plan, 36);
  const apart = (<usize>load<u32>(plan, 20)) << 2;
  const chosen = <usize>load<u32>(plan, 68);
  const codeBytes = <usize>((groups + 1) >> 1);
  let anchor = <usize>load<u32>(plan, 16);
  let code = <usize>load<u32>(plan, 72);
  let factors = <usize>load<u32>(plan, 76);
  memory.fill(<usize>load<u32>(plan, 64), 0, apart);
  for (let e: u32 = 0; e < count; e++) {
    encodeOne(plan, load<u32>(rows + ((<usize>e) << 2)), anchor, factors, (<usize>count) << 2);
    store<u8>(chosen + groups, 0);
    for (let b: usize = 0; b < codeBytes; b++) store<u8>(code + b, load<u8>(chosen + 2 * b) | (load<u8>(chosen + 2 * b, 1) << 4));
    anchor += apart;
    code += codeBytes;
    factors += 4;
  }
}

/** Chooses the entries of one row, and writes its three factors, `column` bytes apart. */
function encodeOne(plan: usize, row: u32, anchor: usize, factors: usize, column: usize): void {
  const size = load<u32>(plan, 8);
  const mapped = <usize>load<u32>(plan) + (<usize>row * <usize>size << 2);
  const places = <usize>load<u32>(plan, 12);
  const y = <usize>load<u32>(plan, 64);
  let square: f64 = 0;
  let inside: f64 = 0;
  for (let i: usize = 0; i < <usize>size << 2; i += 4) {
    const place = (<usize>load<u32>(places + i)) << 2;
    const value = f32.load(mapped + i);
    const difference = value - f32.load(anchor + place);
    f32.store(y + place, difference);
    square += <f64>difference * <f64>difference;
    inside += <f64>value * <f64>value;
  }
  const stretched = load<u32>(plan, 44) != 0;
  const factor = stretched ? <f32>sqrt<f64>(<f64>size / (square == 0 ? 1 : square)) : f32.load(plan, 40);
  const width = load<u32>(plan, 32);
  const chosen = <usize>load<u32>(plan, 68);
  chooseOne(y, <usize>load<u32>(plan, 28), width, load<u32>(plan, 36), factor, chosen);
  // ⟨ō, y⟩, ‖ō‖² and ⟨ō, Pa⟩ of the entries ō.
  let along: f64 = 0;
  let own: f64 = 0;
  let across: f64 = 0;
  let entries = <usize>load<u32>(plan, 24);
  const shift = <usize>(width == 4 ? 2 : width - 1);
  const values = <usize>load<u32>(plan, 20);
  for (let k: usize = 0; k < values; k++) {
    const value = <f64>f32.load(entries + ((<usize>load<u8>(chosen + (k >> shift))) << 2));
    along += value * <f64>f32.load(y + (k << 2));
    own += value * value;
    across += value * <f64>f32.load(anchor + (k << 2));
    entries += 64;
  }
  const knows = along > 0 && square * own <= <f64>size * along * along;
  const scale = knows ? square / along : 0;
  const tail = load<u32>(plan, 52) != 0 ? max<f64>(0, <f64>f32.load(<usize>load<u32>(plan, 56) + ((<usize>row) << 2)) - inside) : 0;
  const missed = (knows ? max<f64>(0, scale * scale * own - square) : <f64>size * square) + tail + <f64>f32.load(plan, 60) * (square + tail);
  const dot = load<u32>(plan, 48) != 0;
  const add = dot ? 0 : square + tail + 2 * scale * across;
  const error = (dot ? 1 : 2) * sqrt<f64>(missed);
  const fits = abs<f64>(add) < largest && scale < largest && error < largest;
  // A vector too long for float32 estimates gets one that says it is far, and rules nothing out.
  f32.store(factors, fits ? <f32>add : <f32>far);
  f32.store(factors + column, fits ? <f32>scale : 0);
  f32.store(factors + 2 * column, fits ? <f32>error : <f32>largest);
}
