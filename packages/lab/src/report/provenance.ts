import { number } from "./format.js";
import { describeVersion, type Group } from "./groups.js";

/** What was run, as pairs of a word and its values: all that somebody needs to repeat it. */
export function provenanceOf({ members, machine }: Group): [what: string, values: string[]][] {
  const all = (of: (result: (typeof members)[number]["result"]) => string) => [...new Set(members.map(({ result }) => of(result)))];
  const ends = all(({ at }) => at).sort();
  return [
    ["experiment", all(({ experiment }) => experiment)],
    [
      "data",
      all(
        ({ data }) =>
          `${data.name}: ${number(data.rows)} ${data.kind} vectors of ${number(data.dim)} dimensions, ${number(data.queries)} queries`,
      ),
    ],
    ["distance", all(({ data }) => data.distance)],
    ["data hash", all(({ data }) => data.hash)],
    ["neighbours a query", all(({ k }) => String(k))],
    ["machine", [machine]],
    ["nearts", all((result) => describeVersion(result.machine))],
    ["seed", all(({ seed }) => String(seed))],
    ["results", [String(members.length)]],
    ["ended", ends.length > 1 ? [`${ends[0]} to ${ends[ends.length - 1]}`] : ends],
  ];
}

/** What each engine says of its plan: the first result of each with that text. */
export function plansOf({ members }: Group): { readonly series: string; readonly plan: string }[] {
  const seen = new Map<string, { series: string; plan: string }>();
  for (const { series, result } of members) {
    if (result.plan !== undefined && result.plan !== "") seen.set(`${series}\n${result.plan}`, { series, plan: result.plan });
  }
  return [...seen.values()];
}
