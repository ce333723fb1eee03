import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { createArena } from "../../src/kernels/arena.js";
import { PlaneMemory } from "../../src/numeric/plane-memory.js";

it("a block returns to the memory when its owner is collected", async () => {
  const memory = new PlaneMemory(createArena("reference", 2 ** 26));
  const first = takenBySomeoneGone(memory);

  expect(await comesTrue(() => memory.allocate(2 ** 20, {}) === first)).toBe(true);
});

it("scratch grows without moving what owners hold, and a refusal changes nothing", () => {
  const memory = new PlaneMemory(createArena("reference", 2 ** 20));
  const small = memory.scratch(1000);
  const owner = {};
  const held = memory.allocate(1000, owner);
  memory.arena.views().f32[held / 4] = 42;

  const large = memory.scratch(2000);
  expect(() => memory.scratch(2 ** 21)).toThrow(expect.objectContaining({ code: "E_MEMORY" }));

  expect(memory.scratch(10)).toBe(large);
  expect(memory.allocate(900, owner), "the first scratch is free again").toBe(small);
  expect(memory.arena.views().f32[held / 4]).toBe(42);
});

/** In a function of its own, so that nothing on the stack keeps the owner. */
function takenBySomeoneGone(memory: PlaneMemory): number {
  return memory.allocate(2 ** 20, {});
}

/** Collects garbage until `done`; false after so many tries. */
async function comesTrue(done: () => boolean): Promise<boolean> {
  setFlagsFromString("--expose-gc");
  // The flag gives new contexts, and only these, a function gc without arguments.
  const collect = runInNewContext("gc") as () => void;
  for (let tries = 0; tries < 50; tries++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (done()) return true;
  }
  return false;
}
