import { describe, expect, it } from "vitest";
import { Oracle } from "./oracle.js";
import { operation, type Workload } from "./workload.js";

const WORKLOAD: Workload = { seed: 5, lanes: 1, most: 12 };

/** Numbers of operations from 1 on of a kind, with several names. */
const storing = Array.from({ length: 50 }, (_, i) => operation(WORKLOAD, i + 1)).filter(
  ({ kind, names }) => kind === "store" && names.length > 3,
);
const [first, second] = storing;

const heldAfter = (...operations: (typeof storing)[number][]): Map<number, number> =>
  new Map(operations.flatMap(({ names, number }) => names.map((name): [number, number] => [name, number])));

function oracleOf({ sent, answered }: { sent: number[]; answered: number[] }): Oracle {
  const oracle = new Oracle(WORKLOAD, true);
  for (const number of sent) oracle.sent(number);
  for (const number of answered) oracle.answered(number);
  return oracle;
}

describe("the oracle of the fault campaigns", () => {
  it("takes an unanswered operation done or not done", () => {
    for (const held of [heldAfter(first), heldAfter(first, second)]) {
      expect(oracleOf({ sent: [first.number, second.number], answered: [first.number] }).judge(held)).toEqual({
        lost: 0,
        inconsistent: 0,
        why: [],
      });
    }
  });

  it("counts each name of an answered operation that is not there as lost", () => {
    expect(oracleOf({ sent: [first.number], answered: [first.number] }).judge(new Map())).toMatchObject({
      lost: first.names.length,
      inconsistent: 0,
    });
  });

  it("counts a name that holds an older version as lost", () => {
    const both = { ...WORKLOAD, most: 190 };
    const [old, young] = Array.from({ length: 40 }, (_, i) => operation(both, i + 1)).filter(({ kind }) => kind === "store");
    const oracle = new Oracle(both, true);
    for (const { number } of [old, young]) oracle.sent(number);
    for (const { number } of [old, young]) oracle.answered(number);
    const held = heldAfter(old, young);
    const [name] = young.names.filter((candidate) => old.names.includes(candidate));

    expect(oracle.judge(held.set(name, old.number))).toMatchObject({ lost: 1, inconsistent: 0 });
  });

  it("counts half an operation as inconsistent", () => {
    const half = heldAfter({ ...first, names: first.names.slice(0, 2) });

    expect(oracleOf({ sent: [first.number], answered: [] }).judge(half)).toMatchObject({ lost: 0, inconsistent: 1 });
  });

  it("counts what was never sent as inconsistent", () => {
    expect(oracleOf({ sent: [first.number], answered: [] }).judge(new Map([[3, 99]]))).toMatchObject({ lost: 0, inconsistent: 1 });
  });

  it("goes on from what it was shown", () => {
    const oracle = oracleOf({ sent: [first.number], answered: [] });
    oracle.judge(heldAfter(first));

    expect(oracle.judge(new Map())).toMatchObject({ lost: first.names.length });
  });
});
