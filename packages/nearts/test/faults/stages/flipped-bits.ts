import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dice } from "../../readers/mutate.js";
import { EngineChild, Refused } from "../process/engine-child.js";
import { operation, vectorOf, type Workload } from "../workload.js";
import type { StageMaker } from "./stage.js";

const WORKLOAD: Workload = { seed: 2700, lanes: 1, most: 24 };
const OPERATIONS = 20;

/** A bit of a stored vector is flipped on the disk of a closed LMDB index: it must be refused as damaged, never given back. */
export const flippedBits: StageMaker = async (bundle, folder) => {
  const whole = join(folder, "whole");
  const writer = await EngineChild.start(bundle);
  await writer.call({ do: "open", storage: { kind: "lmdb", path: whole } });
  await writer.call({ do: "write", workload: WORKLOAD, from: 1, count: OPERATIONS });
  await writer.call({ do: "close" });
  await writer.kill();
  const held = new Map<number, number>();
  for (let number = 1; number <= OPERATIONS; number++) {
    const { kind, names } = operation(WORKLOAD, number);
    for (const name of names)
      if (kind === "store") held.set(name, number);
      else held.delete(name);
  }
  const bytes = readFileSync(join(whole, "data.mdb"));
  return {
    [Symbol.asyncDispose]: async () => {},
    async trial(number, dice) {
      const name = dice.pick([...held.keys()]);
      const damaged = flipped(bytes, Buffer.from(vectorOf(name, held.get(name) ?? 0).buffer), dice);
      const path = join(folder, `flipped-${number}`);
      cpSync(whole, path, { recursive: true });
      writeFileSync(join(path, "data.mdb"), damaged);
      const child = await EngineChild.start(bundle);
      try {
        await child.call({ do: "open", storage: { kind: "lmdb", path } });
        await child.call({ do: "hold", deep: false });
        return { inconsistent: 1, why: [`the vector of ${name} was given back with a flipped bit`] };
      } catch (error) {
        if (error instanceof Refused && error.code === "E_CORRUPT") return {};
        throw error;
      } finally {
        await child.kill();
      }
    },
  };
};

/** A copy in which the same bit of a vector is flipped wherever the vector lies: pages that are free now may hold it too. */
function flipped(bytes: Buffer, vector: Buffer, dice: Dice): Buffer {
  const copy = Buffer.from(bytes);
  const [byte, bit] = [dice.roll(vector.length), dice.roll(8)];
  let found = 0;
  for (let at = bytes.indexOf(vector); at >= 0; at = bytes.indexOf(vector, at + 1), found++) copy[at + byte] ^= 1 << bit;
  if (found === 0) throw new Error("the vector is not in the file");
  return copy;
}
