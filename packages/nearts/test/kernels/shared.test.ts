import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createArena, createArenaOver } from "../../src/kernels/arena.js";
import { wasmBuilds } from "./relaxed.js";

/** Fills 1,000 floats at byte 4,096 of a shared memory and grows it by two pages. */
const fill = `
  const { workerData, parentPort } = require("node:worker_threads");
  new Float32Array(workerData.buffer, 4096, 1000).fill(3);
  workerData.grow(2);
  parentPort.postMessage("filled");
`;

function inWorker(memory: WebAssembly.Memory): Promise<unknown> {
  const worker = new Worker(fill, { eval: true, workerData: memory });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

describe("a shared arena", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each(wasmBuilds)("of the %s build sees what other threads write and that they grew it", async (build) => {
    const arena = createArena(build, 2 ** 24, { shared: true });
    expect(arena.memory?.buffer).toBeInstanceOf(SharedArrayBuffer);
    // The arena is of a WebAssembly build, so it has a memory.
    const memory = arena.memory as WebAssembly.Memory;
    const over = createArenaOver(memory, build);
    await inWorker(memory);
    expect(arena.views().f32[1024]).toBe(3);
    expect(arena.size).toBe(3 * 65_536);
    expect(arena.views().u8.length).toBe(arena.size);
    arena.views().f32[2100] = 5;
    expect(over.kernels.exactDot(4096, 4096, 4)).toBe(36);
    expect(over.views().f32[2100]).toBe(5);
    over.ensure(2 ** 20);
    expect(arena.views().u8.length).toBeGreaterThanOrEqual(2 ** 20);
    expect(() => over.ensure(2 ** 25)).toThrow(expect.objectContaining({ code: "E_MEMORY" }));
    expect(() => arena.ensure(2 ** 25)).toThrow(expect.objectContaining({ code: "E_MEMORY" }));
  });

  test("can have as many bytes as there are addresses", () => {
    expect(createArena("simd", 2 ** 32, { shared: true }).size).toBe(65_536);
  });

  test("is refused where there is no shared memory", () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(() => createArena("simd", 2 ** 20, { shared: true })).toThrow(expect.objectContaining({ code: "E_UNSUPPORTED" }));
    expect(createArena("simd", 2 ** 20).kernels.exactDot(0, 0, 4)).toBe(0);
  });

  test("is refused of the plain build, which has no memory to share", () => {
    expect(() => createArena("reference", 2 ** 20, { shared: true })).toThrow(expect.objectContaining({ code: "E_UNSUPPORTED" }));
    expect(createArena("reference").memory).toBeNull();
    const { memory } = createArena("simd");
    expect(() => createArenaOver(memory as WebAssembly.Memory, "reference")).toThrow(expect.objectContaining({ code: "E_UNSUPPORTED" }));
  });
});

test("an arena that is not shared can have another over it", () => {
  const arena = createArena("simd");
  const over = createArenaOver(arena.memory as WebAssembly.Memory, "simd");
  over.views().f32.fill(2, 0, 4);
  expect(arena.kernels.exactDot(0, 0, 4)).toBe(16);
  expect(arena.memory?.buffer).toBeInstanceOf(ArrayBuffer);
});
