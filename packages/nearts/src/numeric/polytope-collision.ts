import { cumulativeNormal } from "./collision.js";

/** Integrals over the normal distribution are taken over ±`reach` standard deviations by Simpson's rule, with so many steps (even). */
const reach = 6;
const steps = 96;
const innerSteps = 24;
/** Points of the table of Φ for one standard deviation: interpolated, it is right to 2e-7. */
const grain = 512;

/**
 * The probability that two unit vectors at an angle (radians) have the same vertex of a cross-polytope over `size` values of a random rotation, by numerical
 * integration; some milliseconds. As the rotated values are as good as normal: 2·size·∫∫ φ(x, y; ρ)·P(|X| < x, |Y| < y)^(size − 1) over x, y > 0, where (X, Y) are
 * normal with correlation ρ = cos(angle) and density φ (Andoni et al. 2015, section 3, whose theorem 1 is the limit of large sizes).
 */
export function polytopeCollision(angle: number, size: number): number {
  const within = Math.min(Math.PI, Math.max(0, angle));
  if (size === 1) return 1 - within / Math.PI;
  const [rho, across] = [Math.cos(within), Math.sin(within)];
  if (across < 1e-6) return rho > 0 ? 1 : 0;
  const inner = (x: number) => densityOf(x) * alongY(x, rho, across, size);
  return Math.min(1, Math.max(0, 2 * size * simpson(inner, 0, reach, steps)));
}

/** ∫ over y > 0 of the density of y given x, times the probability that the other values are smaller. */
function alongY(x: number, rho: number, across: number, size: number): number {
  const least = Math.max(-reach, (-rho * x) / across);
  if (least >= reach) return 0;
  // y = ρx + across·z with z normal.
  return simpson((z) => densityOf(z) * bothWithin(x, rho * x + across * z, Math.abs(rho), across) ** (size - 1), least, reach, steps);
}

/** P(|X| < x, |Y| < y) = 2·∫ φ(u)·P(|Y| < y given u) over 0 < u < x, the same for ρ and −ρ. */
function bothWithin(x: number, y: number, rho: number, across: number): number {
  // Up to here Y is within y for sure; beyond, the rest is a few deviations wide, however narrow these are.
  const sure = rho === 0 ? 0 : Math.min(x, Math.max(0, (y - reach * across) / rho));
  const inner = (u: number) => densityOf(u) * (phi((y - rho * u) / across) - phi((-y - rho * u) / across));
  return 2 * (phi(sure) - 0.5) + 2 * simpson(inner, sure, x, innerSteps);
}

function simpson(f: (x: number) => number, from: number, to: number, count: number): number {
  const step = (to - from) / count;
  let sum = f(from) + f(to);
  for (let i = 1; i < count; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step);
  return (sum * step) / 3;
}

function densityOf(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

let table: Float64Array | undefined;

/** Φ from a table, made on first use. */
function phi(z: number): number {
  table ??= Float64Array.from({ length: 16 * grain + 2 }, (_, i) => cumulativeNormal(i / grain - 8));
  const place = (z + 8) * grain;
  if (!(place > 0)) return 0;
  if (place >= 16 * grain) return 1;
  const i = Math.floor(place);
  return table[i] + (place - i) * (table[i + 1] - table[i]);
}
