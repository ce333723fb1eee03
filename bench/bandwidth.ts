/** Bytes read per pass: far beyond any cache, so that memory is what answers. */
const BYTES = 512 * 1024 * 1024;

/**
 * The memory read bandwidth of one thread of this machine at this moment, in bytes per second: the best of some passes over a block
 * too large for the caches, for whatever else runs here can only slow a pass down.
 */
export function readBandwidth(passes = 7): number {
  const block = new Float64Array(BYTES / 8).fill(1); // written once, or the system would answer every page with the same zeros
  let best = Infinity;
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now();
    const sum = sumOf(block);
    best = Math.min(best, performance.now() - start);
    if (sum !== block.length) throw new Error(`read ${sum} ones, expected ${block.length}`);
  }
  return BYTES / (best / 1000);
}

/** Eight sums side by side: with one, the latency of the addition would be measured instead. */
function sumOf(block: Float64Array): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < block.length; i += 8) {
    a += block[i];
    b += block[i + 1];
    c += block[i + 2];
    d += block[i + 3];
    e += block[i + 4];
    f += block[i + 5];
    g += block[i + 6];
    h += block[i + 7];
  }
  return a + b + c + d + e + f + g + h;
}
