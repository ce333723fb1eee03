import { describe, expect, it } from "vitest";
import { groupsOf } from "../../src/report/groups.js";
import { madeResult, otherMachine } from "./results.js";

describe("what a report compares", () => {
  it("keeps apart results of another data set, distance, k or machine, and no others", () => {
    const one = madeResult();
    const results = [
      one,
      madeResult({ engine: "other", parameters: { bits: 12 }, seed: 7 }),
      madeResult({ data: { ...one.data, hash: "cd".repeat(32) } }),
      madeResult({ data: { ...one.data, distance: "cosine" } }),
      madeResult({ k: 100 }),
      madeResult({ machine: otherMachine }),
      madeResult({ experiment: "again" }),
    ];

    expect(groupsOf(results).map(({ members }) => members.map(({ n }) => n))).toEqual([[1, 2, 7], [3], [4], [5], [6]]);
  });

  it("tells engines of one name apart where experiment or version differ", () => {
    const { machine } = madeResult();
    const [byExperiment] = groupsOf([madeResult(), madeResult({ experiment: "again" })]);
    const [byCommit] = groupsOf([madeResult(), madeResult({ machine: { ...machine, commit: "fedcba9876543210" } })]);

    expect(byExperiment.series).toEqual(["sweep · random planes", "again · random planes"]);
    expect(byCommit.series).toEqual(["random planes · nearts 0.1.0 (0123456789ab)", "random planes · nearts 0.1.0 (fedcba987654)"]);
  });
});
