import { expect, test } from "vitest";
import { Engine } from "../../src/index.js";

test("what is stored or asked with is copied at the call: changing the array before the promise resolves changes nothing", async () => {
  const engine = new Engine<{ n: number }>({ dim: 3, distance: "euclidean" });
  const [vector, data] = [Float32Array.of(1, 2, 3), { n: 1 }];
  const storing = engine.storeVector(vector, { id: "a", data });
  vector.fill(9);
  data.n = 9;
  await storing;
  expect(await engine.get("a")).toEqual({ id: "a", vector: Float32Array.of(1, 2, 3), data: { n: 1 } });

  const query = Float32Array.of(1, 2, 3);
  const asking = engine.neighbours(query, { k: 1 });
  query.fill(9);
  expect((await asking)[0].distance).toBe(0);
});
