import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { channel, openFile, yieldToEventLoop } from "../../src/platform/node.js";

describe("openFile on Node", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nearts-platform-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("reads every byte of a file in order, as many as fit, and then 0", async () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >>> 8) + (i >>> 17)) & 255);
    writeFileSync(join(folder, "several"), bytes);

    const { pieces, size } = await readOf(join(folder, "several"));

    expect(pieces.map(({ length }) => length)).toEqual([400_000, 400_000, 200_003]);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(size).toBe(bytes.length);
  });

  it("reads nothing of an empty file", async () => {
    writeFileSync(join(folder, "empty"), "");

    expect(await readOf(join(folder, "empty"))).toEqual({ pieces: [], size: 0 });
  });

  it("closes a file only after the read under way", async () => {
    writeFileSync(join(folder, "closed"), new Uint8Array(100_000).fill(7));
    const file = await openFile(join(folder, "closed"));
    const into = new Uint8Array(100_000);

    const reading = file.read(into);
    await file.close();

    expect(await reading).toBe(100_000);
    expect(into.every((byte) => byte === 7)).toBe(true);
  });

  it("rejects a missing file with E_IO, its path, the system's reason and the cause", async () => {
    const path = join(folder, "missing");

    await expect(readOf(path)).rejects.toMatchObject({
      code: "E_IO",
      message: expect.stringContaining("ENOENT"),
      details: { path },
      cause: { code: "ENOENT" },
    });
  });

  it("rejects a directory with E_IO and says that a file is expected", async () => {
    await expect(readOf(folder)).rejects.toMatchObject({ code: "E_IO", message: expect.stringContaining("is a directory") });
  });

  it("rejects a path that no file can have with E_IO", async () => {
    await expect(readOf("a\0b")).rejects.toMatchObject({ code: "E_IO" });
  });
});

describe("channel on Node", () => {
  it("publishes to whoever subscribed to the diagnostics channel of that name", () => {
    const heard: unknown[] = [];
    const listener = (message: unknown) => heard.push(message);

    expect(channel("nearts.test").hasSubscribers).toBe(false);
    subscribe("nearts.test", listener);
    channel("nearts.test").publish({ rows: 3 });

    expect(channel("nearts.test").hasSubscribers).toBe(true);
    expect(heard).toEqual([{ rows: 3 }]);
    unsubscribe("nearts.test", listener);
  });
});

describe("yieldToEventLoop on Node", () => {
  it("lets a timer that is due run before it resolves", async () => {
    const order: string[] = [];
    setTimeout(() => order.push("timer"), 0);
    const until = performance.now() + 5;
    while (performance.now() < until); // the timer is due by now

    await yieldToEventLoop();
    await yieldToEventLoop();
    order.push("resumed");

    expect(order).toEqual(["timer", "resumed"]);
  });
});

async function readOf(path: string): Promise<{ pieces: Uint8Array[]; size: number }> {
  const file = await openFile(path);
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const into = new Uint8Array(400_000);
      const count = await file.read(into);
      if (count === 0) return { pieces, size: file.size };
      pieces.push(into.subarray(0, count));
    }
  } finally {
    await file.close();
  }
}
