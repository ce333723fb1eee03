/** Which of n things belong together, by pairs that do: union–find with path halving and union by size (Tarjan and van Leeuwen 1984). 8 bytes a thing. */
export class UnionFind {
  readonly #parents: Uint32Array;
  readonly #sizes: Uint32Array;

  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, i) => i);
    this.#sizes = new Uint32Array(count).fill(1);
  }

  /** The thing that stands for all that `i` belongs with. */
  find(i: number): number {
    const parents = this.#parents;
    let at = i;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  /** Puts two things together with all that belong to them; whether they were apart. */
  join(a: number, b: number): boolean {
    const [x, y] = [this.find(a), this.find(b)];
    if (x === y) return false;
    const [small, large] = this.#sizes[x] < this.#sizes[y] ? [x, y] : [y, x];
    this.#parents[small] = large;
    this.#sizes[large] += this.#sizes[small];
    return true;
  }

  /** Groups of at least two, members ascending, by their first members. */
  groups(): number[][] {
    const groups = new Map<number, number[]>();
    for (let i = 0; i < this.#parents.length; i++) {
      const root = this.find(i);
      if (this.#sizes[root] < 2) continue;
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [i]);
      else group.push(i);
    }
    return [...groups.values()];
  }
}
