/**
 * Φ(z), the standard normal distribution function, by its Taylor series (Marsaglia 2004, "Evaluating the Normal Distribution"): to about 1e-15 for
 * |z| ≤ 7; beyond, where it is within 2e-12 of 0 or 1, it is these.
 */
export function cumulativeNormal(z: number): number {
  if (Math.abs(z) > 7) return z < 0 ? 0 : 1;
  let [sum, term] = [z, z];
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

/** The probability that a random plane does not separate two vectors at this angle (radians): 1 − angle/π (Goemans and Williamson 1995; Charikar 2002, section 3). */
export function planeCollision(angle: number): number {
  return Math.min(1, Math.max(0, 1 - angle / Math.PI));
}

/**
 * The probability that the projections of two vectors on a random normal direction fall into one bin, where bins begin at a random offset: for vectors
 * `c` apart and r = width/c, 1 − 2Φ(−r) − 2/(√(2π) r) · (1 − e^(−r²/2)) (Datar et al. 2004, section 3.2).
 */
export function binCollision(c: number, width: number): number {
  if (c <= 0) return 1;
  const r = width / c;
  const near = (-2 * Math.expm1(-0.5 * r * r)) / (Math.sqrt(2 * Math.PI) * r);
  return Math.min(1, Math.max(0, 1 - 2 * cumulativeNormal(-r) - near));
}

/**
 * As {@link binCollision} on random Cauchy directions, for vectors `c` apart by Manhattan distance: 2·atan(r)/π − ln(1 + r²)/(πr) (Datar et al. 2004, section 3.2).
 */
export function cauchyCollision(c: number, width: number): number {
  if (c <= 0) return 1;
  const r = width / c;
  return Math.min(1, Math.max(0, (2 * Math.atan(r) - Math.log1p(r * r) / r) / Math.PI));
}

/** The probability that `sampled` different places, drawn at random of `places`, are all outside of `differing` ones: Π (places − differing − i)/(places − i). */
export function sampledCollision(differing: number, places: number, sampled: number): number {
  let probability = 1;
  for (let i = 0; i < sampled; i++) probability *= Math.max(0, places - differing - i) / (places - i);
  return Math.min(1, probability);
}
