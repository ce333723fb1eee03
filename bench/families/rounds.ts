/** Something that answers query number q. */
export interface Asked {
  readonly ask: (q: number) => Promise<unknown>;
}

/**
 * Seconds that each system takes for queries 0 … count − 1, measured in turn: pieces of 25 queries, each piece at its best of `passes`, as others on the machine
 * only slow one down. A first pass is not counted.
 */
export async function inTurn(systems: readonly Asked[], count: number, passes: number): Promise<number[]> {
  const pieces = Math.ceil(count / piece);
  const best = systems.map(() => new Float64Array(pieces).fill(Number.POSITIVE_INFINITY));
  for (let pass = 0; pass <= passes; pass++) {
    for (let p = 0; p < pieces; p++) {
      for (const [s, system] of systems.entries()) {
        const start = performance.now();
        for (let q = p * piece; q < Math.min(count, (p + 1) * piece); q++) await system.ask(q);
        const seconds = (performance.now() - start) / 1000;
        if (pass > 0) best[s][p] = Math.min(best[s][p], seconds);
      }
    }
  }
  return best.map((seconds) => seconds.reduce((sum, one) => sum + one, 0));
}

const piece = 25;
