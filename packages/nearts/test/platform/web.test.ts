import { afterEach, describe, expect, it, vi } from "vitest";
import * as node from "../../src/platform/node.js";
import * as web from "../../src/platform/web.js";

afterEach(() => vi.unstubAllGlobals());

describe("the web platform", () => {
  it("exports what the Node platform exports", () => {
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
  });

  it("refuses to open a path with E_UNSUPPORTED and names what to pass instead", () => {
    expect(() => web.openFile("base.fvecs")).toThrow(
      expect.objectContaining({ code: "E_UNSUPPORTED", message: expect.stringContaining("pass bytes"), details: { path: "base.fvecs" } }),
    );
  });

  it("has channels that nobody hears", () => {
    const silent = web.channel("nearts.test");
    silent.publish({ rows: 3 });

    expect(silent.hasSubscribers).toBe(false);
  });

  it.each([{ without: [] }, { without: ["MessageChannel"] }])("yields to events that wait, also without $without", async ({ without }) => {
    for (const name of without) vi.stubGlobal(name, undefined);
    let ran = false;
    setTimeout(() => {
      ran = true;
    }, 0);

    for (let i = 0; i < 1_000 && !ran; i++) await web.yieldToEventLoop();

    expect(ran).toBe(true);
  });

  it("resolves where there are neither messages nor timers", async () => {
    vi.stubGlobal("MessageChannel", undefined);
    vi.stubGlobal("setTimeout", undefined);

    await expect(web.yieldToEventLoop()).resolves.toBeUndefined();
  });
});
