/**
 * `count` different numbers below `n`, from the `from`-th on, of a fixed order in which every stretch is spread evenly over all of them: multiples of about n
 * over the golden ratio, modulo n (Weyl 1916). For samples, where drawing at random would cost more and spread less.
 */
export function spread(n: number, from: number, count: number): Uint32Array {
  const step = coprimeNear(Math.round(n * 0.618_033_988_749_895), n);
  const numbers = new Uint32Array(Math.max(0, Math.min(count, n - from)));
  // A product may not fit the 53 bits of a number: one step at a time it does.
  let at = Number((BigInt(step) * BigInt(from)) % BigInt(Math.max(1, n)));
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = at;
    at = (at + step) % n;
  }
  return numbers;
}

function coprimeNear(wanted: number, n: number): number {
  let step = Math.max(1, wanted);
  while (greatestDivisor(step, n) > 1) step++;
  return step;
}

function greatestDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
