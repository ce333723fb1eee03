import type { Id } from "../../core/contracts.js";
import type { KeyChains } from "../../numeric/key-chains.js";
import { UnionFind } from "../../numeric/union-find.js";
import { turnTaker } from "../turns.js";
import type { JoinEngine } from "./join.js";
import type { Pair, PairsAsked } from "./options.js";
import { planJoin } from "./plan.js";
import { firstAfter } from "./positions.js";
import { prepare } from "./prepare.js";
import { type Proposals, type WalkParts, walkPairs } from "./walk.js";

/** Vectors that a chain of near pairs holds together. */
export interface Cluster {
  /** At least two, in the order of their rows. */
  readonly ids: readonly Id[];
  /** Pairs that hold them together: one fewer than there are ids, each of them near enough. */
  readonly links: readonly Pair[];
}

/** A pair that joined two clusters, with the positions of its rows. */
interface Link {
  readonly a: number;
  readonly b: number;
  readonly pair: Pair;
}

/**
 * All clusters, by their first rows. Only what joins two clusters is measured and kept, so that memory is bounded by the number of vectors whatever the
 * number of pairs, and of a vector and its copies one is compared with the others.
 */
export async function clustersOf(engine: JoinEngine, asked: PairsAsked, recall: number): Promise<Cluster[]> {
  await engine.ready();
  const { within = 0, maxBytes, onProgress, signal } = asked; // within was given
  const turn = turnTaker(signal);
  const total = await engine.storage.size();
  const plan = await planJoin(engine, within, recall);
  const onRows = (rows: number) => onProgress?.({ phase: "hashing", rows, total, pairs: 0, cursor: null });
  const { storage, numbers, proposals, chains } = await prepare(engine, plan, { maxBytes, turn, onRows });
  const union = new UnionFind(numbers.length);
  const links: Link[] = [];
  const parts = { ...engine, storage, numbers, within: () => within, turn };
  const onRow = (rows: number) => onProgress?.({ phase: "comparing", rows, total: numbers.length, pairs: links.length, cursor: null });
  const copied = new Uint8Array(numbers.length);
  if (chains !== null) {
    // A later copy of a vector is as near to all others: the last of them is compared for all.
    for await (const link of linksOf({ ...parts, proposals: nextInBucket(chains) }, union)) {
      links.push(link);
      if (link.pair.distance === 0) copied[link.a] = 1;
    }
  }
  const choose = (position: number, others: Uint32Array, count: number) =>
    copied[position] === 1 ? 0 : apart(union, position, others, count);
  for await (const link of linksOf({ ...parts, proposals, choose }, union, onRow)) links.push(link);
  onRow(numbers.length);
  return clustersFrom(union, links);
}

/** The pairs of a walk that join two clusters. */
async function* linksOf(parts: WalkParts, union: UnionFind, onRow?: (rows: number) => void): AsyncGenerator<Link> {
  const { numbers } = parts;
  for await (const { position: a, pairs, reader } of walkPairs(parts, 0)) {
    for (let i = 0; i < pairs.count; i++) {
      const b = firstAfter(numbers, pairs.rows[i] - 1);
      if (!union.join(a, b)) continue;
      yield { a, b, pair: { a: reader.id(numbers[a]), b: reader.id(pairs.rows[i]), distance: pairs.distances[i] } };
    }
    onRow?.(a + 1);
  }
}

/** Keeps those of `others` that are not in the cluster of a position. */
function apart(union: UnionFind, position: number, others: Uint32Array, count: number): number {
  const own = union.find(position);
  let kept = 0;
  for (let i = 0; i < count; i++) if (union.find(others[i]) !== own) others[kept++] = others[i];
  return kept;
}

/** Proposes the next row of the same bucket in the first table. */
function nextInBucket(chains: KeyChains): Proposals {
  return {
    later(position, out) {
      const next = chains.next(0, position);
      if (next < 0) return 0;
      out[0] = next;
      return 1;
    },
  };
}

/** Groups with their ids, which the links tell: each member is in one. */
function clustersFrom(union: UnionFind, links: readonly Link[]): Cluster[] {
  const ids = new Map<number, Id>();
  const own = new Map<number, Pair[]>();
  for (const { a, b, pair } of links) {
    ids.set(a, pair.a);
    ids.set(b, pair.b);
    const root = union.find(a);
    const known = own.get(root);
    if (known === undefined) own.set(root, [pair]);
    else known.push(pair);
  }
  return union.groups().map((group) => ({
    ids: group.map((position) => ids.get(position) as Id), // each member has a link
    links: own.get(union.find(group[0])) ?? [],
  }));
}
