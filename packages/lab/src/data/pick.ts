import { gather, type Rows, rowAt } from "nearts";

/** The rows with these numbers, in this order, as columns of their own. */
export function pick(rows: Rows, numbers: ArrayLike<number>): Rows {
  return gather(rows.kind, rows.dim, numbers.length, (i) => rowAt(rows, numbers[i]));
}

/** The first rows, at most `most`: views of the columns. */
export function first(rows: Rows, most: number): Rows {
  return rows.count <= most ? rows : slice(rows, 0, most);
}

/** Rows `from … to)`: views of the columns, nothing is copied but the offsets of sparse rows and sets. */
export function slice(rows: Rows, from: number, to: number): Rows {
  const count = to - from;
  switch (rows.kind) {
    case "dense":
      return { ...rows, count, values: rows.values.subarray(from * rows.dim, to * rows.dim) };
    case "bits": {
      const width = Math.ceil(rows.dim / 32);
      return { ...rows, count, words: rows.words.subarray(from * width, to * width) };
    }
    case "sparse": {
      const [start, end] = [rows.offsets[from], rows.offsets[to]];
      const [indices, values] = [rows.indices.subarray(start, end), rows.values.subarray(start, end)];
      return { ...rows, count, offsets: rebased(rows.offsets, from, to), indices, values };
    }
    case "set": {
      const members = rows.members.subarray(rows.offsets[from], rows.offsets[to]);
      return { ...rows, count, offsets: rebased(rows.offsets, from, to), members };
    }
  }
}

function rebased(offsets: Uint32Array, from: number, to: number): Uint32Array {
  return offsets.subarray(from, to + 1).map((offset) => offset - offsets[from]);
}

/** A copy of the rows whose columns can be handed to another thread, and their buffers. */
export function handover(rows: Rows): { readonly rows: Rows; readonly buffers: readonly ArrayBuffer[] } {
  switch (rows.kind) {
    case "dense": {
      const values = new Float32Array(rows.values);
      return { rows: { ...rows, values }, buffers: [values.buffer] };
    }
    case "bits": {
      const words = new Uint32Array(rows.words);
      return { rows: { ...rows, words }, buffers: [words.buffer] };
    }
    case "sparse": {
      const [offsets, indices] = [new Uint32Array(rows.offsets), new Uint32Array(rows.indices)];
      const values = new Float32Array(rows.values);
      return { rows: { ...rows, offsets, indices, values }, buffers: [offsets.buffer, indices.buffer, values.buffer] };
    }
    case "set": {
      const [offsets, members] = [new Uint32Array(rows.offsets), new Uint32Array(rows.members)];
      return { rows: { ...rows, offsets, members }, buffers: [offsets.buffer, members.buffer] };
    }
  }
}
