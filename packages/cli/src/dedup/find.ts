import { type Cluster, Engine, membersOf, shingles } from "nearts";
import { Progress } from "../terminal/progress.js";
import type { Document } from "./documents.js";
import type { Shingling } from "./shingling.js";

/** Which document of a cluster stays. */
export type Keep = "first" | "last" | "longest";

/** What counts as a duplicate. */
export interface FindOptions {
  readonly shingling: Shingling;
  /** Jaccard similarity of the shingles, over 0 to 1. */
  readonly threshold: number;
  /** The share of the duplicate pairs that is to be found. */
  readonly recall: number;
  readonly keep: Keep;
  readonly signal: AbortSignal;
}

/** Documents that are nearly the same, by their numbers. */
export interface Duplicates {
  readonly keep: number;
  /** Ascending, each with the most similar other one that it was compared with. */
  readonly drop: readonly { readonly number: number; readonly near: number; readonly similarity: number }[];
}

/** What was found. */
export interface Found {
  readonly documents: number;
  /** Characters of all texts. */
  readonly characters: number;
  /** The largest first, ties by their first documents. */
  readonly groups: readonly Duplicates[];
  readonly seconds: number;
}

/** Reads all documents once and groups the near-duplicates; memory goes to their shingles' members, 4 bytes each, not to their texts. */
export async function findDuplicates(documents: AsyncIterable<Document>, options: FindOptions): Promise<Found> {
  const { shingling, threshold, recall, keep, signal } = options;
  const begun = performance.now();
  const engine = new Engine({ kind: "set", distance: "jaccard" });
  const lengths: number[] = [];
  let characters = 0;
  const reading = new Progress({ label: "reading", unit: "documents" });
  await engine.storeManyVectors(
    (async function* () {
      for await (const { place, text } of documents) {
        const id = lengths.push(text.length) - 1;
        characters += text.length;
        reading.update(lengths.length);
        yield { id, vector: { members: membersOf(tokensOf(text, shingling), place) } };
      }
    })(),
    { signal },
  );
  reading.end();
  const comparing = new Progress({ label: "comparing", unit: "documents", total: lengths.length });
  const onProgress = ({ phase, rows, total }: { readonly phase: string; readonly rows: number; readonly total: number }) =>
    comparing.update(rows, (phase === "hashing" ? 0 : 0.5) + (0.5 * rows) / Math.max(1, total));
  const clusters = await engine.clusters({ threshold, recall, signal, onProgress });
  comparing.end();
  await engine.close();
  const groups = clusters.map((cluster) => duplicatesIn(cluster, keep, lengths));
  groups.sort((a, b) => b.drop.length - a.drop.length || firstOf(a) - firstOf(b));
  return { documents: lengths.length, characters, groups, seconds: (performance.now() - begun) / 1000 };
}

/** The shingles of a text; a text without any, such as one of signs only, is like none but itself. */
function tokensOf(text: string, { options }: Shingling): readonly string[] {
  const found = shingles(text, options);
  const whole = text.trim();
  return found.length > 0 || whole === "" ? found : [whole];
}

function duplicatesIn({ ids, links }: Cluster, keep: Keep, lengths: readonly number[]): Duplicates {
  const numbers = ids.map(Number).sort((a, b) => a - b);
  const kept = keep === "last" ? numbers[numbers.length - 1] : keep === "first" ? numbers[0] : longestOf(numbers, lengths);
  const nearest = new Map<number, { near: number; similarity: number }>();
  const note = (number: number, near: number, similarity: number) => {
    const known = nearest.get(number);
    if (known === undefined || similarity > known.similarity || (similarity === known.similarity && near < known.near))
      nearest.set(number, { near, similarity });
  };
  for (const { a, b, distance } of links) {
    note(Number(a), Number(b), 1 - distance);
    note(Number(b), Number(a), 1 - distance);
  }
  const drop = numbers
    .filter((number) => number !== kept)
    .map((number) => ({ number, ...(nearest.get(number) ?? { near: kept, similarity: 1 }) }));
  return { keep: kept, drop };
}

/** The longest, the first of equals. */
function longestOf(numbers: readonly number[], lengths: readonly number[]): number {
  return numbers.reduce((best, number) => (lengths[number] > lengths[best] ? number : best));
}

function firstOf({ keep, drop }: Duplicates): number {
  return Math.min(keep, drop[0].number);
}
