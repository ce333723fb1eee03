import { describe, expect, it } from "vitest";
import { Gauge } from "../../src/engine/gauge.js";
import { Engine } from "../../src/index.js";
import { clouds } from "./vectors.js";

describe("the gauge", () => {
  it("warns once the recall asked for is above its whole interval, and not before", () => {
    const gauge = new Gauge();
    for (let i = 0; i < 2; i++) gauge.note(10, 7, 1);
    expect(gauge.read(0.95)).toMatchObject({ checked: 2, recall: 0.7 });
    expect(gauge.read(0.95)?.warning).toBeUndefined(); // two queries may have been unlucky
    for (let i = 0; i < 98; i++) gauge.note(10, 7, 1);
    expect(gauge.read(0.95)?.warning).toMatch(/0\.95 was asked for.*100 queries.*0\.700.*tune\(\{ queries \}\)/);
    expect(gauge.read(0.7)?.warning).toBeUndefined();
    expect(gauge.read()?.warning).toBeUndefined();
  });
});

describe("an engine that searches exactly, tuned with a budget of time", () => {
  it("says what a query takes, and warns where that is more", async () => {
    const dim = 64;
    const engine = new Engine({ dim, distance: "euclidean" });
    await engine.storeManyVectors(clouds(4000, dim, 1));
    const plan = await engine.tune({ budget: { micros: 1e-3 } });
    expect(plan.kind).toBe("exact");
    expect(plan.micros).toBeGreaterThan(1e-3);
    expect(plan.warning).toMatch(/over the budget of 0\.001 µs/);
    expect(plan.text).toContain("Warning");
    expect((await engine.tune({ budget: { micros: 1e9 } })).warning).toBeUndefined();
  });
});
