import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Gate, gateOf } from "../../src/engine/gate.js";

describe("the gate between batches and writes", () => {
  it("holds writes back while a batch is under way, and batches until the one before has ended", async () => {
    const gate = new Gate();
    const log: string[] = [];
    expect(gate.wait()).toBeUndefined();
    const batch = (name: string) =>
      gate.during(async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push(`${name} ends`);
      });
    const write = async () => {
      for (let waiting = gate.wait(); waiting !== undefined; waiting = gate.wait()) await waiting;
      log.push("write");
    };
    await Promise.all([batch("first"), batch("second"), write(), write()]);
    expect(log).toEqual(["first begins", "first ends", "write", "write", "second begins", "second ends"]);
  });

  it("lets batches and writes that wait go before the next batch of one who comes back at once", async () => {
    const gate = new Gate();
    const log: string[] = [];
    const batch = (name: string) =>
      gate.during(async () => {
        log.push(name);
        await new Promise((resolve) => setTimeout(resolve, 1));
      });
    const again = async () => {
      for (let n = 0; n < 4; n++) await batch(`trial ${n}`);
    };
    const write = async () => {
      for (let waiting = gate.wait(); waiting !== undefined; waiting = gate.wait()) {
        await waiting;
        for (let n = 0; n < 9; n++) await Promise.resolve(); // what has to be looked at anew before it is written
      }
      log.push("write");
    };
    await Promise.all([again(), write()]);
    expect(log.splice(0)).toEqual(["trial 0", "write", "trial 1", "trial 2", "trial 3"]);
    await Promise.all([again(), batch("one"), batch("two")]);
    expect(log).toEqual(["trial 0", "one", "two", "trial 1", "trial 2", "trial 3"]);
  });

  it("opens again when a batch fails, and hands its failure on", async () => {
    const gate = new Gate();
    await expect(gate.during(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(gate.wait()).toBeUndefined();
    await expect(gate.during(() => Promise.resolve(7))).resolves.toBe(7);
  });

  it("is one for each storage", () => {
    const [one, other] = [{}, {}];
    expect(gateOf(one)).toBe(gateOf(one));
    expect(gateOf(one)).not.toBe(gateOf(other));
  });

  it("lets all through in any order of arrival, never a write during a batch", async () => {
    const seed = 20_261_123;
    const random = new Random(seed);
    for (let round = 0; round < 20; round++) {
      const gate = new Gate();
      let inside = 0;
      let [batches, writes] = [0, 0];
      const pause = () => (random.below(2) === 0 ? Promise.resolve() : new Promise<void>((resolve) => setImmediate(resolve)));
      const work = Array.from({ length: 30 }, async () => {
        for (let n = random.below(4); n > 0; n--) await pause();
        if (random.below(3) === 0) {
          await gate.during(async () => {
            expect(inside++, `seed ${seed}, round ${round}`).toBe(0);
            await pause();
            inside--;
            batches++;
          });
        } else {
          for (let waiting = gate.wait(); waiting !== undefined; waiting = gate.wait()) await waiting;
          expect(inside, `seed ${seed}, round ${round}`).toBe(0);
          writes++;
        }
      });
      await Promise.all(work);
      expect(batches + writes).toBe(30);
    }
  });
});
