/** Bucket keys of rows, as columns: entry e says that row `rows[e]` (its number within the batch) lies in bucket `hi[e]·2³² + lo[e]` of table `tables[e]`. Rows ascend. */
export class Keys {
  count = 0;
  rows: Uint32Array = new Uint32Array(64);
  tables: Uint32Array = new Uint32Array(64);
  hi: Uint32Array = new Uint32Array(64);
  lo: Uint32Array = new Uint32Array(64);

  clear(): void {
    this.count = 0;
  }

  /** Makes room for `more` entries; views taken before are stale. */
  reserve(more: number): void {
    const wanted = this.count + more;
    if (wanted <= this.rows.length) return;
    const capacity = Math.max(wanted, this.rows.length * 2);
    this.rows = grown(this.rows, capacity);
    this.tables = grown(this.tables, capacity);
    this.hi = grown(this.hi, capacity);
    this.lo = grown(this.lo, capacity);
  }

  add(row: number, table: number, hi: number, lo: number): void {
    if (this.count === this.rows.length) this.reserve(1);
    const e = this.count++;
    this.rows[e] = row;
    this.tables[e] = table;
    this.hi[e] = hi;
    this.lo[e] = lo;
  }
}

/** What to read when querying, as columns, most promising first: all entries of a hash's table whose key agrees with (hi, lo) in its first `prefixBits` bits. */
export class Probes {
  count = 0;
  /** Number of the hash that {@link Probes.add} writes for; set by the pipeline. */
  hash = 0;
  /** The version of the knowledge by which they were made, where processes share the index: a storage refuses (E_STALE) those of an older one. */
  version: number | undefined;
  hashes: Uint16Array = new Uint16Array(16);
  tables: Uint32Array = new Uint32Array(16);
  hi: Uint32Array = new Uint32Array(16);
  lo: Uint32Array = new Uint32Array(16);
  prefixBits: Uint8Array = new Uint8Array(16);
  /** The promise of a probe: smaller is better; 0 for the query's own bucket. */
  scores: Float64Array = new Float64Array(16);

  clear(): void {
    this.count = 0;
  }

  add(table: number, hi: number, lo: number, score: number, prefixBits = 64): void {
    if (this.count === this.tables.length) this.#grow();
    const p = this.count++;
    this.hashes[p] = this.hash;
    this.tables[p] = table;
    this.hi[p] = hi;
    this.lo[p] = lo;
    this.prefixBits[p] = prefixBits;
    this.scores[p] = score;
  }

  /** Appends probes `from … to − 1` of another. */
  append(other: Probes, from: number, to: number): void {
    while (this.count + to - from > this.tables.length) this.#grow();
    const { hashes, tables, hi, lo, prefixBits, scores } = this;
    for (let p = from; p < to; p++) {
      const own = this.count++;
      hashes[own] = other.hashes[p];
      tables[own] = other.tables[p];
      hi[own] = other.hi[p];
      lo[own] = other.lo[p];
      prefixBits[own] = other.prefixBits[p];
      scores[own] = other.scores[p];
    }
  }

  /** Whether both read exactly the same buckets in the same order. */
  sameAs(other: Probes): boolean {
    if (this.count !== other.count) return false;
    for (let p = 0; p < this.count; p++) {
      if (this.hi[p] !== other.hi[p] || this.lo[p] !== other.lo[p] || this.tables[p] !== other.tables[p]) return false;
      if (this.hashes[p] !== other.hashes[p] || this.prefixBits[p] !== other.prefixBits[p]) return false;
    }
    return true;
  }

  #grow(): void {
    const capacity = this.tables.length * 2;
    this.hashes = grown(this.hashes, capacity);
    this.tables = grown(this.tables, capacity);
    this.hi = grown(this.hi, capacity);
    this.lo = grown(this.lo, capacity);
    this.prefixBits = grown(this.prefixBits, capacity);
    this.scores = grown(this.scores, capacity);
  }
}

/** Candidates of one query, as columns: stored row numbers and, once measured, their distances. */
export class Candidates {
  /** How many entries of the columns are valid. */
  count = 0;
  /** Entries read from buckets, repeats included: the work a scan did. */
  raw = 0;
  /** Buckets read, and how many candidates there were before their distances were measured. */
  probed = 0;
  proposed = 0;
  /** Whether a stop rule ended the reading before all probes had been read. */
  stopped = false;
  /** Whether `distances` is valid. */
  measured = false;
  /** Whether `lower` is valid. */
  bounded = false;
  rows: Uint32Array = new Uint32Array(256);
  distances: Float64Array = new Float64Array(256);
  /** A rank that each is unlikely to be below, as estimated from its code. Has no room before {@link Candidates.bound}. */
  lower: Float32Array = new Float32Array(0);
  #saved: Uint32Array = new Uint32Array(0);
  #savedCount = 0;

  clear(): void {
    this.count = 0;
    this.raw = 0;
    this.probed = 0;
    this.proposed = 0;
    this.stopped = false;
    this.measured = false;
    this.bounded = false;
  }

  /** Gives `lower` room for all entries there is room for, and declares it valid: its values are to be written now. */
  bound(): void {
    if (this.lower.length < this.rows.length) this.lower = grown(this.lower, this.rows.length);
    this.bounded = true;
  }

  /** Makes room for `more` entries; views taken before are stale. */
  reserve(more: number): void {
    const wanted = this.count + more;
    if (wanted <= this.rows.length) return;
    const capacity = Math.max(wanted, this.rows.length * 2);
    this.rows = grown(this.rows, capacity);
    this.distances = grown(this.distances, capacity);
  }

  add(row: number, distance = 0): void {
    if (this.count === this.rows.length) this.reserve(1);
    this.rows[this.count] = row;
    this.distances[this.count++] = distance;
  }

  /** Remembers the rows as they are, for {@link Candidates.restore}. */
  save(): void {
    if (this.#saved.length < this.count) this.#saved = new Uint32Array(this.rows.length);
    for (let i = 0; i < this.count; i++) this.#saved[i] = this.rows[i];
    this.#savedCount = this.count;
  }

  /** Brings back the rows last saved, unmeasured. */
  restore(): void {
    this.rows.set(this.#saved.subarray(0, this.#savedCount));
    this.count = this.#savedCount;
    this.measured = false;
    this.bounded = false;
  }

  /** Becomes a copy of `other`. */
  copyFrom(other: Candidates): void {
    this.count = 0;
    this.reserve(other.count);
    this.rows.set(other.rows.subarray(0, other.count));
    this.distances.set(other.distances.subarray(0, other.count));
    this.count = other.count;
    this.raw = other.raw;
    this.measured = other.measured;
    this.bounded = false;
  }

  /** Keeps the entries at `positions` (ascending), in their order; `count` of them. */
  keep(positions: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const from = positions[i];
      this.rows[i] = this.rows[from];
      this.distances[i] = this.distances[from];
      if (this.bounded) this.lower[i] = this.lower[from];
    }
    this.count = count;
  }

  /** Rearranges and keeps the entries at `positions` in any order; `count` of them, each named once. Bounds are lost. */
  select(positions: Uint32Array, count: number): void {
    this.bounded = false;
    const rows = new Uint32Array(count);
    const distances = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      rows[i] = this.rows[positions[i]];
      distances[i] = this.distances[positions[i]];
    }
    this.rows.set(rows);
    this.distances.set(distances);
    this.count = count;
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** `column`, or a copy with room for `wanted` values: an eighth more than it had, so that little of a large column is ever unused. */
export function room<C extends Column>(column: C, wanted: number): C {
  if (wanted <= column.length) return column;
  return grown(column, Math.max(wanted, column.length + Math.max(16, column.length >>> 3)));
}

/** A copy of `column` with room for `capacity` values. */
export function grown<C extends Column>(column: C, capacity: number): C {
  // The constructor of a typed array makes its own type: C in, C out.
  const copy = new (column.constructor as new (length: number) => C)(capacity);
  copy.set(column);
  return copy;
}
