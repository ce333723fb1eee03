import { type Kind, Random, type Rows } from "nearts";

/** Rows of a kind by a seed, of small whole numbers that every format holds exactly. */
export function randomRows(kind: Kind, count: number, dim: number, seed: number): Rows {
  const random = new Random(seed);
  if (kind === "dense") return { kind, dim, count, values: Float32Array.from({ length: count * dim }, () => random.below(200) - 100) };
  if (kind === "bits") {
    const [width, spare] = [Math.ceil(dim / 32), dim % 32];
    const words = Uint32Array.from({ length: count * width }, (_, i) =>
      i % width === width - 1 && spare > 0 ? random.below(2 ** spare) : random.uint32(),
    );
    return { kind, dim, count, words };
  }
  const lists = Array.from({ length: count }, () => Array.from(random.choose(dim, random.below(6)).sort()));
  const offsets = new Uint32Array(count + 1);
  for (const [i, list] of lists.entries()) offsets[i + 1] = offsets[i] + list.length;
  const members = Uint32Array.from(lists.flat());
  if (kind === "set") return { kind, dim, count, offsets, members };
  return { kind, dim, count, offsets, indices: members, values: Float32Array.from(members, () => 1 + random.below(9)) };
}
