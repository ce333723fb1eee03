import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import * as node from "../../src/platform/node.js";
import * as web from "../../src/platform/web.js";

describe("the CRC-32", () => {
  it("is that of the standard's check value on both platforms", () => {
    const check = new TextEncoder().encode("123456789");

    expect(node.crc32(check)).toBe(0xcbf43926);
    expect(web.crc32(check)).toBe(0xcbf43926);
  });

  it("is the same on both platforms, whole or in parts", () => {
    const random = new Random(32);
    for (let length = 0; length < 300; length += 7) {
      const bytes = Uint8Array.from({ length }, () => random.below(256));
      const cut = random.below(length + 1);

      expect(web.crc32(bytes), `seed 32, length ${length}`).toBe(node.crc32(bytes));
      expect(web.crc32(bytes.subarray(cut), node.crc32(bytes.subarray(0, cut)))).toBe(node.crc32(bytes));
    }
  });
});
