import { count, plural, shorten } from "../terminal/format.js";
import type { Duplicates, Found } from "./find.js";

/** What a report shows of a document. */
export interface Shown {
  readonly place: string;
  readonly excerpt: string;
}

const excerptWidth = 60;
const placeWidth = 38;

/** The beginning of a text on one line. */
export function excerptOf(text: string): string {
  const line = text
    .slice(0, 4 * excerptWidth)
    .replace(/\s+/gu, " ")
    .trim();
  return line.length <= excerptWidth ? line : `${line.slice(0, excerptWidth - 1)}…`;
}

/** What was found, on a few lines. */
export function summaryOf({ documents, groups }: Found, about: string): string {
  const dropped = groups.reduce((sum, { drop }) => sum + drop.length, 0);
  const kept = `${count(documents - dropped)} of ${plural(documents, "document")} kept`;
  return `${kept}: ${plural(dropped, "near-duplicate")} in ${plural(groups.length, "cluster")} (${about})`;
}

/** The clusters as text: for each the document that stays, and those that go with how similar they are to which. */
export function* reportLines(found: Found, about: string, shown: ReadonlyMap<number, Shown>): Iterable<string> {
  yield summaryOf(found, about);
  for (const [i, group] of found.groups.entries()) {
    yield "";
    yield `cluster ${i + 1}: ${plural(group.drop.length + 1, "document")}`;
    yield* clusterLines(group, shown);
  }
}

function* clusterLines({ keep, drop }: Duplicates, shown: ReadonlyMap<number, Shown>): Iterable<string> {
  const place = (number: number) => shown.get(number)?.place ?? `document ${number + 1}`;
  const excerpt = (number: number) => shown.get(number)?.excerpt ?? "";
  yield `  keep        ${shorten(place(keep), placeWidth)}`;
  yield `              ${excerpt(keep)}`;
  for (const { number, near, similarity } of drop) {
    yield `  drop ${similarity.toFixed(3)}  ${shorten(place(number), placeWidth)}  as ${shorten(place(near), placeWidth)}`;
    yield `              ${excerpt(number)}`;
  }
}

/** The clusters as values for JSON lines. */
export function* reportValues({ groups }: Found, shown: ReadonlyMap<number, Shown>): Iterable<object> {
  const place = (number: number) => shown.get(number)?.place ?? `document ${number + 1}`;
  for (const { keep, drop } of groups) {
    yield {
      keep: place(keep),
      drop: drop.map(({ number, near, similarity }) => ({ place: place(number), near: place(near), similarity })),
    };
  }
}
