import { type Hash, Keys, type Rows } from "nearts";

/** The keys of rows, so that they can be compared. */
export class RowKeys {
  readonly #keys = new Keys();
  /** Keys of row r are the entries `offsets[r] … offsets[r+1)`. */
  readonly #offsets: Uint32Array;

  /** Whether no row has two keys in a table. */
  readonly #alone: boolean;

  constructor(hash: Hash, rows: Rows) {
    hash.keys(rows, this.#keys);
    this.#alone = (hash.keysPerTable ?? 1) === 1;
    this.#offsets = new Uint32Array(rows.count + 1);
    for (let e = 0; e < this.#keys.count; e++) this.#offsets[this.#keys.rows[e] + 1]++;
    for (let r = 0; r < rows.count; r++) this.#offsets[r + 1] += this.#offsets[r];
  }

  /** In how many tables row `i` has a key in common with row `j` of `other`. */
  meetings(i: number, other: RowKeys, j: number): number {
    const [a, b] = [this.#keys, other.#keys];
    const [from, to] = [this.#offsets[i], this.#offsets[i + 1]];
    let [met, table] = [0, -1];
    for (let e = from; e < to; e++) {
      if (a.tables[e] === table) continue; // this table has been met in already
      // Hashes of one key a table give the tables of every row in one order.
      const place = other.#offsets[j] + e - from;
      const alone = this.#alone && other.#alone && place < other.#offsets[j + 1] && b.tables[place] === a.tables[e];
      const [first, end] = alone ? [place, place + 1] : [other.#offsets[j], other.#offsets[j + 1]];
      for (let o = first; o < end; o++) {
        if (a.tables[e] !== b.tables[o] || a.hi[e] !== b.hi[o] || a.lo[e] !== b.lo[o]) continue;
        table = a.tables[e];
        met++;
        break;
      }
    }
    return met;
  }

  /** Whether row `i` is in a bucket whose key agrees with (hi, lo) in its first `prefixBits` bits. */
  isIn(i: number, table: number, hi: number, lo: number, prefixBits: number): boolean {
    const { tables, hi: his, lo: los } = this.#keys;
    for (let e = this.#offsets[i]; e < this.#offsets[i + 1]; e++)
      if (tables[e] === table && agree(his[e], hi, prefixBits) && agree(los[e], lo, prefixBits - 32)) return true;
    return false;
  }
}

/** Whether two words agree in their first bits; none is 32 at most. */
function agree(a: number, b: number, bits: number): boolean {
  return bits >= 32 ? a === b : bits <= 0 || (a ^ b) >>> (32 - bits) === 0;
}
