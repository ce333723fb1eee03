/**
 * What the packed library must do however it is loaded: index 100 vectors, then find the three nearest to a point before the seventh and to one behind it.
 * @param {Pick<typeof import("nearts"), "Engine">} nearts
 * @returns {Promise<unknown[][]>} per query, the neighbours' ids and data
 */
export async function program({ Engine }) {
  /** @type {import("nearts").Engine<{ i: number }>} */
  const engine = new Engine({ dim: 8, distance: "cosine" });
  for (let i = 0; i < 100; i++) await engine.storeVector(onHalfCircle(i), { id: `v${i}`, data: { i } });
  const own = await engine.neighbours(onHalfCircle(6.9), { k: 3 });
  const between = await engine.neighbours(onHalfCircle(7.25), { k: 3 });
  await engine.close();
  return [own, between].map((found) => found.map(({ id, data }) => [id, data]));
}

/**
 * Points along a half circle in two of eight dimensions: the neighbours of point i are the numbers around it.
 * @param {number} i
 */
function onHalfCircle(i) {
  const out = new Float32Array(8);
  out[2] = Math.cos((i * Math.PI) / 100);
  out[5] = Math.sin((i * Math.PI) / 100);
  return out;
}
