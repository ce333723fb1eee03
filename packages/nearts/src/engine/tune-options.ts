import type { Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { type QueriesInput, queriesOf } from "./bulk-input.js";
import { refuseUnknown, requireOptions } from "./guards.js";
import type { TuneOptions } from "./options.js";

/** E_BAD_OPTION unless it holds positive numbers, of probes a whole one. */
export function checkBudget(budget: TuneOptions["budget"]): void {
  if (budget === undefined) return;
  requireOptions(budget, "a budget");
  refuseUnknown(budget, ["probes", "micros"], "a budget");
  const { probes, micros } = budget;
  if (probes !== undefined && !(Number.isInteger(probes) && probes >= 1)) {
    throw new NearError("E_BAD_OPTION", `budget.probes is ${show(probes)}; give a whole number of buckets from 1`, { probes });
  }
  if (micros !== undefined && !(typeof micros === "number" && micros > 0)) {
    throw new NearError("E_BAD_OPTION", `budget.micros is ${show(micros)}; give microseconds above 0`, { micros });
  }
}

/** Queries to tune with, checked; E_BAD_OPTION where there are none. */
export function trialQueriesOf(queries: QueriesInput, shape: Shape): Rows {
  const rows = queriesOf(queries, shape);
  if (rows.count > 0) return rows;
  throw new NearError("E_BAD_OPTION", "queries has 0 vectors to tune with; give at least 1, better 100 or more, or leave it out", {
    queries: 0,
  });
}

/** E_BAD_OPTION unless it is over 0 and at most 1. */
export function checkRecall(recall: number): number {
  if (typeof recall === "number" && recall > 0 && recall <= 1) return recall;
  throw new NearError("E_BAD_OPTION", `recall is ${show(recall)}; give the share of neighbours to be found, over 0 to 1, such as 0.95`, {
    recall,
  });
}
