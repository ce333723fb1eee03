import { expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, JaccardDistance, membersOf } from "../../src/index.js";

test("all pairs of near sets are found with the recall asked for, and no others", async () => {
  const random = new Random("joined sets");
  const vectors: Uint32Array[] = [];
  for (let i = 0; i < 600; i++) {
    const members = i % 5 === 4 ? [...vectors[random.below(i)]] : Array.from({ length: 20 + random.below(200) }, () => random.below(5000));
    for (let c = 0; c < random.below(12); c++) members[random.below(members.length)] = random.below(5000);
    vectors.push(membersOf(members, "set"));
  }
  const distance = new JaccardDistance();
  const truth = new Map<string, number>();
  for (let a = 0; a < vectors.length; a++) {
    for (let b = a + 1; b < vectors.length; b++) {
      const d = distance.between({ members: vectors[a] }, { members: vectors[b] });
      if (d <= 0.3) truth.set(`${a} ${b}`, d);
    }
  }
  const engine = new Engine({ kind: "set" });
  await engine.storeManyVectors(vectors);
  let found = 0;
  for await (const pair of engine.pairsWithin({ within: 0.3, recall: 0.95 })) {
    const [a, b] = [Number(pair.a), Number(pair.b)].sort((x, y) => x - y);
    expect(truth.get(`${a} ${b}`)).toBe(pair.distance);
    found++;
  }
  expect(truth.size).toBeGreaterThan(50);
  expect(found / truth.size).toBeGreaterThan(0.9);
});
