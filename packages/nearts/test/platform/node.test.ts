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

  it("yields every byte of a file of several chunks, in order, each chunk until the next is asked for", async () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >>> 8) + (i >>> 17)) & 255);
    writeFileSync(join(folder, "several"), bytes);

    const chunks: Uint8Array[] = [];
    for await (const chunk of openFile(join(folder, "several"))) chunks.push(chunk.slice());

    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it("yields nothing for an empty file", async () => {
    writeFileSync(join(folder, "empty"), "");

    const chunks: Uint8Array[] = [];
    for await (const chunk of openFile(join(folder, "empty"))) chunks.push(chunk.slice());

    expect(chunks).toEqual([]);
  });

  it("rejects a missing file with E_IO, its path, the system's reason and the cause", async () => {
    const path = join(folder, "missing");

    await expect(firstChunk(path)).rejects.toMatchObject({
      code: "E_IO",
      message: expect.stringContaining("ENOENT"),
      details: { path },
      cause: { code: "ENOENT" },
    });
  });

  it("rejects a directory with E_IO and says that a file is expected", async () => {
    await expect(firstChunk(folder)).rejects.toMatchObject({ code: "E_IO", message: expect.stringContaining("is a directory") });
  });

  it("rejects a path that no file can have with E_IO", async () => {
    await expect(firstChunk("a\0b")).rejects.toMatchObject({ code: "E_IO" });
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

async function firstChunk(path: string): Promise<Uint8Array | undefined> {
  for await (const chunk of openFile(path)) return chunk;
  return undefined;
}
