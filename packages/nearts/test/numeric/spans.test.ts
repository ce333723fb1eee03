import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Span, Spans } from "../../src/numeric/spans.js";

const seed = 19_680_101;

describe("spans of a memory", () => {
  it("never overlap, begin at multiples of 16, and are all given back to nothing", () => {
    // A number takes so many bytes, or gives back the span at that place of the list.
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -20, max: -1 })), { maxLength: 80 });
    fc.assert(
      fc.property(steps, (step) => {
        const spans = new Spans();
        const held: Span[] = [];
        for (const n of step) {
          if (n > 0) held.push(spans.take(n));
          else if (-n <= held.length) spans.give(held.splice(-n - 1, 1)[0]);
          expectApart(held, spans.end);
        }
        for (const span of held) spans.give(span);
        expect(spans.end).toBe(0);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("fill the first hole that is large enough before they reach further", () => {
    const spans = new Spans();
    const [a, b, c] = [spans.take(64), spans.take(32), spans.take(16)];
    spans.give(a);
    spans.give(b);

    expect(spans.take(80)).toEqual({ at: 0, bytes: 80 });
    expect(spans.take(16)).toEqual({ at: 80, bytes: 16 });
    expect(spans.take(1)).toEqual({ at: c.at + 16, bytes: 16 });
  });
});

function expectApart(held: readonly Span[], end: number): void {
  const ascending = [...held].sort((x, y) => x.at - y.at);
  let free = 0;
  for (const { at, bytes } of ascending) {
    expect(at).toBeGreaterThanOrEqual(free);
    expect(at % 16).toBe(0);
    free = at + bytes;
  }
  expect(end).toBe(free);
}
