import { Engine, NearError } from "nearts";
import { describe, expect, it } from "vitest";
import { Dice, gaussian, refusal } from "../acceptance/vectors.js";

async function filled(count = 300): Promise<Engine> {
  const dice = new Dice(8);
  const engine = new Engine({ dim: 16 });
  await engine.storeManyVectors(Array.from({ length: count }, () => gaussian(dice, 16)));
  return engine;
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    // One buffer for all pieces: whoever keeps one must have copied it.
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

describe("a snapshot as a stream", () => {
  it("goes to a web stream, which is closed, to whatever has a write, and to nobody as bytes: always the same bytes", async () => {
    const engine = await filled(40_000);
    const streamed: Uint8Array[] = [];
    let closed = false;
    await engine.save(
      new WritableStream<Uint8Array>({
        write: (bytes) => void streamed.push(bytes),
        close: () => {
          closed = true;
        },
      }),
    );
    const written: Uint8Array[] = [];
    await engine.save({ write: (bytes: Uint8Array) => Promise.resolve(written.push(bytes)) });
    const bytes = await engine.save();

    expect(closed).toBe(true);
    expect(streamed.length).toBeGreaterThan(2);
    for (const pieces of [streamed, written]) expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  it("comes in pieces of any size, from iterables and web streams", async () => {
    const engine = await filled();
    const bytes = await engine.save();
    for (const size of [1, 31, 1000, 2 ** 20]) {
      expect(Buffer.compare(await (await Engine.load(cut(bytes, size))).save(), bytes)).toBe(0);
    }
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    expect(await (await Engine.load(stream)).size()).toBe(300);
  });

  it("is refused at once where it is none, and as soon as it is longer than it says", async () => {
    const bytes = await (await filled()).save();
    let given = 0;
    async function* endless(first: Uint8Array): AsyncGenerator<Uint8Array> {
      yield first;
      for (;;) {
        given++;
        yield new Uint8Array(1000);
      }
    }
    expect((await refusal(() => Engine.load(endless(new Uint8Array(64))))).code).toBe("E_CORRUPT");
    expect(given).toBe(0);
    expect((await refusal(() => Engine.load(endless(bytes)))).code).toBe("E_CORRUPT");
    expect(given).toBe(1);
    expect((await refusal(() => Engine.load(cut(bytes.subarray(0, 500), 100)))).code).toBe("E_CORRUPT");
  });

  it("ends with the error of whoever it goes to or comes from", async () => {
    const engine = await filled();
    const bytes = await engine.save();
    const full = new Error("no room");
    const stream = new WritableStream<Uint8Array>({ write: () => Promise.reject(full) });
    await expect(engine.save({ write: () => Promise.reject(full) })).rejects.toBe(full);
    await expect(engine.save(stream)).rejects.toBe(full);
    expect(stream.locked).toBe(false);
    // eslint-disable-next-line require-yield -- it fails before it gives anything
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 100);
      throw full;
    }
    await expect(Engine.load(failing())).rejects.toMatchObject({ code: "E_IO", cause: full });
    // The gate is open again.
    await engine.storeVector(new Float32Array(16).fill(1));
  });

  it("is told how far it has come, and given up where its signal is aborted, even while the other side keeps silent", async () => {
    const engine = await filled(40_000);
    const told: number[] = [];
    let total = 0;
    const onProgress = (progress: { readonly bytes: number; readonly total: number }) => {
      told.push(progress.bytes);
      total = progress.total;
    };
    const bytes = await engine.save(undefined, { onProgress });
    expect([total, told.at(-1), told.length > 2]).toEqual([bytes.length, bytes.length, true]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    told.length = 0;
    await Engine.load(bytes, { onProgress });
    expect([total, told.at(-1), told.length > 2]).toEqual([bytes.length, bytes.length, true]);

    const reason = new Error("enough");
    const silent = new Promise<never>(() => {});
    for (const begin of [
      (signal: AbortSignal) => engine.save({ write: () => silent }, { signal }),
      (signal: AbortSignal) => engine.save(new WritableStream({ write: () => silent }), { signal }),
      (signal: AbortSignal) => Engine.load(new ReadableStream({ pull: () => silent }), { signal }),
      (signal: AbortSignal) => Engine.load(cut(bytes, 1000), { signal: abortedBy(signal, reason) }),
    ]) {
      const controller = new AbortController();
      const begun = begin(controller.signal);
      setTimeout(() => controller.abort(reason), 5);
      await expect(begun).rejects.toBe(reason);
    }
    await engine.storeVector(new Float32Array(16).fill(1));
  });

  it("goes nowhere else: targets, sources and options that cannot be are refused", async () => {
    const engine = await filled(1);
    for (const act of [
      () => engine.save(7 as never),
      () => engine.save({} as never),
      () => engine.save("x", { signals: 1 } as never),
      () => Engine.load(7 as never),
      () => Engine.load(null as never),
      () => Engine.load(new Uint8Array(0), { plugin: [] } as never),
      () => Engine.load(new Uint8Array(0), { threads: 0 }),
      () => Engine.load(new Uint8Array(0), { maxBytes: -1 }),
      () => Engine.load(new Uint8Array(0), { plugins: [null] as never }),
      () => Engine.load(new Uint8Array(0), { expected: { dims: 3 } as never }),
      () => Engine.load(cutText()),
    ]) {
      expect((await refusal(act)).code).toBe("E_BAD_OPTION");
    }
    const closed = await filled(1);
    await closed.close();
    expect((await refusal(() => closed.save())).code).toBe("E_CLOSED");
  });
});

describe("a save among other calls", () => {
  it("is one cut: writes that come meanwhile wait, queries are answered", async () => {
    const engine = await filled(20_000);
    const pieces: Uint8Array[] = [];
    const events: string[] = [];
    let stored: Promise<unknown> | undefined;
    await engine.save({
      write: async (bytes: Uint8Array) => {
        pieces.push(bytes);
        stored ??= engine
          .storeManyVectors(Array.from({ length: 50 }, () => new Float32Array(16).fill(2)))
          .then(() => events.push("stored"));
        await engine.neighbours(new Float32Array(16).fill(1)).then(() => events.push("answered"));
        await new Promise((resolve) => setTimeout(resolve, 2));
      },
    });
    events.push("saved");
    await stored;

    expect(await engine.size()).toBe(20_050);
    expect(await (await Engine.load(Buffer.concat(pieces))).size()).toBe(20_000);
    expect(events.indexOf("stored")).toBeGreaterThan(events.lastIndexOf("answered"));
  });

  it("is of the hash in use where another one is being learned", async () => {
    const dice = new Dice(3);
    const engine = new Engine({ dim: 16, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(Array.from({ length: 900 }, () => gaussian(dice, 16)));
    await engine.train();
    const query = gaussian(dice, 16);
    const before = await engine.neighbours(query);
    const training = engine.train({ anew: true });
    const sizes = new Set<number>();
    for (let i = 0; i < 8; i++) {
      const loaded = await Engine.load(await engine.save());
      sizes.add(await loaded.size());
      expect((await loaded.plan()).kind).toBe("learned");
      expect((await loaded.neighbours(query))[0]).toEqual(before[0]);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await training;
    expect([...sizes]).toEqual([900]);
  });

  it("ends with E_CLOSED where its engine is closed under it", async () => {
    const engine = await filled(40_000);
    const saving = engine.save({ write: () => engine.close() });
    expect((await refusal(() => saving)) instanceof NearError).toBe(true);
    await expect(saving).rejects.toMatchObject({ code: "E_CLOSED" });
  });
});

function abortedBy(signal: AbortSignal, reason: Error): AbortSignal {
  const own = new AbortController();
  signal.addEventListener("abort", () => own.abort(reason));
  own.abort(reason);
  return own.signal;
}

async function* cutText(): AsyncGenerator<Uint8Array> {
  yield "text" as never;
}
