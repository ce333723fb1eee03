import { NearError } from "nearts";

/** Names shown beside one that is not known. */
const most = 5;

/** E_BAD_OPTION for a name that is not known, with the known ones that are written most alike. `what` is what it should have named: "a distance". */
export function unknownName(what: string, got: string, known: readonly string[]): NearError {
  const near = [...known].sort((a, b) => editDistance(got, a) - editDistance(got, b));
  const [first, ...others] = near.slice(0, most);
  const rest = others.length === 0 ? "" : `; others are ${others.join(", ")}`;
  return new NearError("E_BAD_OPTION", `${JSON.stringify(got.slice(0, 60))} is not ${what}: did you mean ${first}${rest}`, {
    got,
    expected: known,
  });
}

/** Insertions, deletions and replacements that turn one text into the other (Levenshtein 1966), by one row of the usual table. */
function editDistance(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= Math.min(from.length, 60); i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= to.length; j++) {
      const replaced = diagonal + (from[i - 1] === to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = Math.min(replaced, row[j] + 1, row[j - 1] + 1);
    }
  }
  return row[to.length];
}
