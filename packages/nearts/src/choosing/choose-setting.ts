import type { Tried } from "./hash-trial.js";

/** What a hash is chosen for; at least one of the two. */
export interface Aims {
  /** Share of the true neighbours to be found. */
  readonly recall: number | undefined;
  /** Most vectors that a query may measure, in the mean. */
  readonly candidates: number | undefined;
}

/** Of a standard error so much is added, so that chance alone rarely makes the target be missed; as when an engine tunes itself. */
const margin = 0.5;

/**
 * The cheapest setting that reaches the recall, within the budget of candidates if there is one that does; or the one of most recall within the budget. Where
 * no setting reaches the recall, that of most recall within the budget; where none is within the budget, that of fewest candidates.
 */
export function chooseSetting<S extends Tried>(settings: readonly S[], aims: Aims): S | undefined {
  const affordable = settings.filter((one) => affords(one, aims));
  if (aims.recall !== undefined) {
    const chosen = cheapest(affordable.filter((one) => reaches(one, aims))) ?? cheapest(settings.filter((one) => reaches(one, aims)));
    if (chosen !== undefined) return chosen;
  }
  return richest(affordable) ?? least(settings, ({ candidates }) => candidates);
}

/** Why what was chosen is not what was asked for; undefined where it is. */
export function warningOf(chosen: Tried, aims: Aims, tables: number): string | undefined {
  const { recall, candidates } = aims;
  const found = Math.round(chosen.candidates);
  if (recall !== undefined && chosen.recall + 0.005 + chosen.error < recall) {
    const within = candidates === undefined ? "" : ` with ${candidates} candidates`;
    const remedy =
      candidates === undefined
        ? "allow more tables, or choose another family"
        : "allow more candidates or tables, or choose another family";
    return `recall ${recall} was asked for, but ${chosen.recall.toFixed(3)} is the most that ${tables} tables reach${within}: ${remedy}`;
  }
  if (candidates === undefined || chosen.candidates <= candidates) return undefined;
  if (recall === undefined)
    return `a query reads at least ${found} candidates, over the budget of ${candidates}: allow more, or choose another family`;
  return `recall ${recall} takes about ${found} candidates a query, over the budget of ${candidates}: lower the recall, or allow more candidates or tables`;
}

function reaches({ recall, error }: Tried, aims: Aims): boolean {
  return aims.recall !== undefined && recall >= Math.min(1, aims.recall + margin * error);
}

function affords({ candidates, candidatesError }: Tried, aims: Aims): boolean {
  return aims.candidates === undefined || candidates + margin * candidatesError <= aims.candidates;
}

function cheapest<S extends Tried>(settings: readonly S[]): S | undefined {
  return least(settings, ({ cost }) => cost);
}

/** Of those whose recall is the highest, as far as the trial can tell, the cheapest. */
function richest<S extends Tried>(settings: readonly S[]): S | undefined {
  const best = least(settings, ({ recall }) => -recall);
  if (best === undefined) return undefined;
  return cheapest(settings.filter(({ recall }) => recall >= best.recall - 0.25 * best.error));
}

function least<S>(settings: readonly S[], by: (setting: S) => number): S | undefined {
  let best: S | undefined;
  let value = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    if (best !== undefined && by(setting) >= value) continue;
    best = setting;
    value = by(setting);
  }
  return best;
}
