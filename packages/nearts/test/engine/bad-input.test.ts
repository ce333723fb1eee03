import {
  type BitInput,
  Engine,
  type Id,
  type Kind,
  type NearErrorCode,
  PCABinaryProjections,
  RandomBinaryProjections,
  type Rows,
  type SparseInput,
  type VectorInput,
} from "nearts";
import { describe, expect, test } from "vitest";
import { bucketsOf, Dice, gaussians, refusal } from "../acceptance/vectors.js";

/** An engine that holds three vectors in two tables. */
async function small<Data = unknown>(): Promise<Engine<Data>> {
  const engine = new Engine<Data>({ dim: 3, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 4, tables: 2 })] });
  await engine.storeManyVectors([
    [1, 2, 3],
    [3, 2, 1],
    [-1, 0, 1],
  ]);
  await engine.neighbours([1, 1, 1]); // allocates what queries share, so that statistics stand still
  return engine;
}

/** Whatever can be seen of what an engine holds. */
async function holdings<Data, K extends Kind>(engine: Engine<Data, K>): Promise<unknown> {
  const buckets = await Promise.all(engine.hashes.map((_, h) => bucketsOf(engine, h)));
  return { size: await engine.size(), buckets, stats: await engine.stats() };
}

/** Expects that `act` is refused with this code and a message that shows what it should, and that the engine holds what it held. */
async function expectRefusal<Data, K extends Kind>(
  engine: Engine<Data, K>,
  act: () => unknown,
  code: NearErrorCode,
  message: RegExp,
): Promise<void> {
  const before = await holdings(engine);
  const refused = await refusal(act);
  expect({ code: refused.code, message: refused.message }).toEqual({ code, message: expect.stringMatching(message) });
  expect(await holdings(engine)).toEqual(before);
}

function detached(): Float32Array {
  const vector = Float32Array.of(1, 2, 3);
  structuredClone(vector, { transfer: [vector.buffer] });
  return vector;
}

describe("A bad vector is refused with both values and the remedy, and nothing is stored", () => {
  const holes = new Array<number>(3);
  holes[0] = 1;
  holes[2] = 3;
  const cases: [string, unknown, NearErrorCode, RegExp][] = [
    ["too short", [1, 2], "E_DIM_MISMATCH", /2 dimensions.*3/],
    ["too long", Float32Array.of(1, 2, 3, 4), "E_DIM_MISMATCH", /4 dimensions.*3/],
    ["empty", [], "E_DIM_MISMATCH", /0 dimensions.*3/],
    ["an empty typed array", new Float32Array(0), "E_DIM_MISMATCH", /0 dimensions.*3/],
    ["with NaN", [1, Number.NaN, 3], "E_BAD_VECTOR", /NaN at position 1.*finite/],
    ["with Infinity", [1, 2, Number.POSITIVE_INFINITY], "E_BAD_VECTOR", /Infinity at position 2.*finite/],
    ["with −Infinity in a typed array", Float32Array.of(Number.NEGATIVE_INFINITY, 2, 3), "E_BAD_VECTOR", /-Infinity at position 0.*finite/],
    ["infinite once rounded to float32", [1e39, 2, 3], "E_BAD_VECTOR", /1e\+39 at position 0.*3\.4e38.*finite/],
    ["infinite once rounded from a Float64Array", Float64Array.of(1, 2, -1e39), "E_BAD_VECTOR", /-1e\+39 at position 2.*finite/],
    ["zero, with cosine", [0, 0, 0], "E_ZERO_VECTOR", /length 0.*cosine.*euclidean/],
    ["zero once rounded to float32", [1e-50, 0, -1e-60], "E_ZERO_VECTOR", /length 0.*cosine.*euclidean/],
    ["sparse without entries, with cosine", { indices: [], values: [] }, "E_ZERO_VECTOR", /length 0.*cosine.*euclidean/],
    ["with a hole", holes, "E_BAD_VECTOR", /undefined at position 1.*numbers/],
    ["with a string", [1, "2", 3], "E_BAD_VECTOR", /"2" at position 1.*numbers/],
    ["with null", [1, null, 3], "E_BAD_VECTOR", /null at position 1.*numbers/],
    ["of bigints", BigInt64Array.of(1n, 2n, 3n), "E_BAD_VECTOR", /1n at position 0.*numbers/],
    ["text", "123", "E_BAD_VECTOR", /"123".*array of numbers/],
    ["null", null, "E_BAD_VECTOR", /null.*array of numbers/],
    ["undefined", undefined, "E_BAD_VECTOR", /undefined.*array of numbers/],
    ["a number", 7, "E_BAD_VECTOR", /7.*array of numbers/],
    ["a function", () => [1, 2, 3], "E_BAD_VECTOR", /array of numbers/],
    ["an object", { x: 1 }, "E_BAD_VECTOR", /array of numbers/],
    ["a Map", new Map([[0, 1]]), "E_BAD_VECTOR", /array of numbers/],
    ["a DataView", new DataView(new ArrayBuffer(12)), "E_BAD_VECTOR", /array of numbers/],
    ["bits", { words: [7] }, "E_BAD_VECTOR", /array of numbers/],
    ["on a detached buffer", detached(), "E_BAD_VECTOR", /detached.*copy/],
  ];

  test.each(cases)("%s", async (_, input, code, message) => {
    const engine = await small();
    const vector = input as VectorInput; // on purpose not one

    await expectRefusal(engine, () => engine.storeVector(vector), code, message);
    await expectRefusal(engine, () => engine.storeVector(vector, { id: 0 }), code, message);
    await expectRefusal(engine, () => engine.storeManyVectors([[1, 1, 1], vector, [2, 2, 2]]), code, message);
    await expectRefusal(engine, () => engine.storeManyVectors([{ vector: [1, 1, 1] }, { vector, id: 9 }]), code, message);
    await expectRefusal(engine, () => engine.storeManyVectors(new Set([vector])), code, message);
    await expectRefusal(engine, () => engine.neighbours(vector), code, message);
    await expectRefusal(engine, () => engine.neighboursOfMany([[1, 1, 1], vector]), code, message);
  });

  test("a bad one among thousands of good ones is named by its number", async () => {
    const engine = await small();
    const vectors: number[][] = gaussians(new Dice(1), 5000, 3).map((vector) => Array.from(vector));
    vectors[4321] = [1, 2];

    await expectRefusal(engine, () => engine.storeManyVectors(vectors), "E_DIM_MISMATCH", /vector 4321 .*2.*3/);
    const flat = Float32Array.from({ length: 15_000 }, (_, i) => (i === 3 * 4999 + 1 ? Number.NaN : 1));
    await expectRefusal(engine, () => engine.storeManyVectors(flat), "E_BAD_VECTOR", /row 4999 .*NaN at position 1/);
    flat.fill(0, 3 * 4000, 3 * 4001);
    flat[3 * 4999 + 1] = 1;
    await expectRefusal(engine, () => engine.storeManyVectors(flat), "E_ZERO_VECTOR", /row 4000/);
  });
});

describe("A bad sparse vector is refused, and nothing is stored", () => {
  const cases: [string, SparseInput, NearErrorCode, RegExp][] = [
    ["unsorted", { indices: [2, 0], values: [1, 1] }, "E_BAD_SPARSE", /index 0 at position 1.*after 2.*sort/],
    ["repeated", { indices: [1, 1], values: [1, 1] }, "E_BAD_SPARSE", /index 1 at position 1 repeats 1.*merge/],
    ["out of range", { indices: [0, 3], values: [1, 1] }, "E_BAD_SPARSE", /index 3 at position 1.*0 to 2/],
    ["negative", { indices: [-1, 2], values: [1, 1] }, "E_BAD_SPARSE", /index -1 at position 0.*0 to 2/],
    ["fractional", { indices: [0.5, 2], values: [1, 1] }, "E_BAD_SPARSE", /index 0\.5 at position 0.*0 to 2/],
    ["NaN", { indices: [Number.NaN], values: [1] }, "E_BAD_SPARSE", /NaN at position 0.*0 to 2/],
    ["text", { indices: ["1"] as never, values: [1] }, "E_BAD_SPARSE", /"1" at position 0.*0 to 2/],
    ["more indices than values", { indices: [0, 1, 2], values: [1, 1] }, "E_BAD_SPARSE", /3 indices and 2 values.*one value/],
    ["more values than indices", { indices: [0], values: [1, 1] }, "E_BAD_SPARSE", /1 indices and 2 values.*one value/],
    ["another dimension", { indices: [0], values: [1], dim: 4 }, "E_DIM_MISMATCH", /4 dimensions.*3/],
    ["a bad value", { indices: [0, 2], values: [1, Number.NaN] }, "E_BAD_VECTOR", /NaN at position 1.*finite/],
    ["a value beyond float32", { indices: [0, 2], values: [1, 1e39] }, "E_BAD_VECTOR", /1e\+39 at position 1.*finite/],
    ["indices that are no list", { indices: 5 as never, values: [1] }, "E_BAD_VECTOR", /indices.*5.*array/],
  ];

  test.each(cases)("%s", async (_, vector, code, message) => {
    const thinned = new Engine<unknown, "sparse">({ dim: 3, kind: "sparse" });
    await thinned.storeVector({ indices: [0], values: [1] });
    for (const engine of [await small(), thinned]) {
      await expectRefusal(engine, () => engine.storeVector(vector), code, message);
      await expectRefusal(engine, () => engine.storeManyVectors([{ indices: [0], values: [1] }, vector]), code, message);
      await expectRefusal(engine, () => engine.neighbours(vector), code, message);
    }
  });

  const sparseRows = (offsets: number[], indices: number[], values: number[], count = offsets.length - 1): Rows<"sparse"> => ({
    kind: "sparse",
    dim: 3,
    count,
    offsets: Uint32Array.from(offsets),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  });
  const columns: [string, Rows<"sparse">, NearErrorCode, RegExp][] = [
    ["unsorted indices", sparseRows([0, 1, 3], [0, 2, 1], [1, 1, 1]), "E_BAD_SPARSE", /row 1.*index 1 at position 1.*after 2/],
    ["an index out of range", sparseRows([0, 1, 2], [0, 3], [1, 1]), "E_BAD_SPARSE", /row 1.*index 3.*0 to 2/],
    ["offsets that go back", sparseRows([0, 2, 1, 2], [0, 1], [1, 1]), "E_BAD_SPARSE", /offset 2 is 1.*2/],
    ["offsets beyond the entries", sparseRows([0, 9], [0], [1]), "E_BAD_VECTOR", /indices has 1 entries.*9/],
    ["a lying count", sparseRows([0, 1], [0], [1], 5), "E_BAD_VECTOR", /offsets has 2 entries.*6/],
    ["a first offset above 0", sparseRows([1, 2], [0, 1], [1, 1]), "E_BAD_SPARSE", /first offset is 1.*0/],
    ["values with NaN", sparseRows([0, 1, 2], [0, 1], [1, Number.NaN]), "E_BAD_VECTOR", /row 1.*NaN/],
  ];

  test.each(columns)("columns with %s", async (_, rows, code, message) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.storeManyVectors(rows), code, message);
    await expectRefusal(engine, () => engine.neighboursOfMany(rows), code, message);
  });
});

describe("Columns that lie about themselves are refused, and nothing is stored", () => {
  const dense = (parts: object) => ({ kind: "dense", dim: 3, count: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6), ...parts }) as Rows;
  const cases: [string, Rows, NearErrorCode][] = [
    ["another dimension", dense({ dim: 2, count: 3 }), "E_DIM_MISMATCH"],
    ["more rows than values", dense({ count: 3 }), "E_BAD_VECTOR"],
    ["a negative count", dense({ count: -1 }), "E_BAD_VECTOR"],
    ["a fractional count", dense({ count: 1.5 }), "E_BAD_VECTOR"],
    ["a count that is NaN", dense({ count: Number.NaN }), "E_BAD_VECTOR"],
    ["a count in text", dense({ count: "2" }), "E_BAD_VECTOR"],
    ["an unknown kind", dense({ kind: "dens" }), "E_BAD_VECTOR"],
    ["bits for an engine of numbers", { kind: "bits", dim: 3, count: 1, words: Uint32Array.of(5) }, "E_BAD_VECTOR"],
    ["a plain array as values", dense({ values: [1, 2, 3, 4, 5, 6] }), "E_BAD_VECTOR"],
    ["a Float64Array as values, where 1e39 would become infinite", dense({ values: Float64Array.of(1e39, 2, 3, 4, 5, 6) }), "E_BAD_VECTOR"],
    ["no values", dense({ values: undefined }), "E_BAD_VECTOR"],
  ];

  test.each(cases)("%s", async (_, rows, code) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.storeManyVectors(rows), code, /./);
    await expectRefusal(engine, () => engine.storeManyVectors([{ rows }] as never), "E_BAD_VECTOR", /./);
    await expectRefusal(engine, () => engine.storeManyVectors(new Set([{ rows }])), code, /./);
    await expectRefusal(engine, () => engine.neighboursOfMany(rows), code, /./);
  });

  test("no rows in a chunk", async () => {
    const engine = await small();
    for (const rows of [null, undefined, 5, "rows", {}, []]) {
      await expectRefusal(engine, () => engine.storeManyVectors(new Set([{ rows }]) as never), "E_BAD_VECTOR", /./);
    }
  });
});

test("Flat arrays of another length, of nothing and on a detached buffer are refused, and nothing is stored", async () => {
  const engine = await small();
  const gone = new Float32Array(6);
  structuredClone(gone, { transfer: [gone.buffer] });

  await expectRefusal(engine, () => engine.storeManyVectors(new Float32Array(7).fill(1)), "E_DIM_MISMATCH", /7 values.*3/);
  await expectRefusal(engine, () => engine.storeManyVectors(new Float64Array(2).fill(1)), "E_DIM_MISMATCH", /2 values.*3/);
  await expectRefusal(engine, () => engine.storeManyVectors(gone), "E_DIM_MISMATCH", /0 values.*3.*detached/);
  await expectRefusal(engine, () => engine.storeManyVectors(Float64Array.of(1, 2, 1e39)), "E_BAD_VECTOR", /position 2.*finite/);
  await expectRefusal(engine, () => engine.storeManyVectors(new Float32Array(6).fill(1), { dim: 2 }), "E_DIM_MISMATCH", /2 dimensions.*3/);
  await expectRefusal(engine, () => engine.neighboursOfMany(new Float32Array(7).fill(1)), "E_DIM_MISMATCH", /7 values.*3/);
});

test("What is no list of vectors at all is refused", async () => {
  const engine = await small();
  for (const vectors of [null, undefined, 5, "abc", {}, () => []]) {
    await expectRefusal(engine, () => engine.storeManyVectors(vectors as never), "E_BAD_VECTOR", /give an array of vectors/);
    await expectRefusal(engine, () => engine.neighboursOfMany(vectors as never), "E_BAD_VECTOR", /give an array of vectors/);
  }
});

describe("A bad bit vector is refused, and nothing is stored", () => {
  const cases: [string, BitInput | readonly unknown[], NearErrorCode, RegExp][] = [
    ["too few bits", [1, 0], "E_DIM_MISMATCH", /2 dimensions.*40/],
    ["too few words", { words: [1] }, "E_DIM_MISMATCH", /1 words.*2/],
    ["a 2", Array.from({ length: 40 }, (_, i) => (i === 7 ? 2 : 0)), "E_BAD_VECTOR", /2 at position 7.*0, 1/],
    ["a hole", new Array(40), "E_BAD_VECTOR", /undefined at position 0.*0, 1/],
    ["bits beyond the last", { words: [0, 0x100] }, "E_BAD_VECTOR", /beyond its 40.*clear/],
    ["a word too large", { words: [2 ** 32, 0] }, "E_BAD_VECTOR", /4294967296 as word 0.*2³²/],
    ["a negative word", { words: [-1, 0] }, "E_BAD_VECTOR", /-1 as word 0/],
    ["another dimension", { words: [1, 0], dim: 41 }, "E_DIM_MISMATCH", /41.*40/],
    ["a sparse vector", { indices: [1], values: [1] } as never, "E_BAD_VECTOR", /give/],
  ];

  test.each(cases)("%s", async (_, input, code, message) => {
    const engine = new Engine<unknown, "bits">({ dim: 40, kind: "bits" });
    await engine.storeVector({ words: [1, 2] });
    const vector = input as VectorInput;

    await expectRefusal(engine, () => engine.storeVector(vector), code, message);
    await expectRefusal(engine, () => engine.storeManyVectors([{ words: [1, 1] }, vector]), code, message);
    await expectRefusal(engine, () => engine.neighbours(vector), code, message);
  });
});

describe("A bad id is refused, and nothing is stored", () => {
  const cases: [string, unknown, RegExp][] = [
    ["empty text", "", /empty.*at least one/],
    ["more than 512 bytes", "x".repeat(513), /513 bytes.*512/],
    ["more than 512 bytes of UTF-8", "é".repeat(257), /514 bytes.*512/],
    ["half of a surrogate pair", "a\ud800b", /surrogate.*well-formed/],
    ["the other half", "\udc00", /surrogate.*well-formed/],
    ["half a pair at the end", "x\ud83d", /surrogate.*well-formed/],
    ["NUL", "a\0b", /NUL.*well-formed/],
    ["2⁵³", 2 ** 53, /9007199254740992.*safe integer/],
    ["−2⁵³", -(2 ** 53), /-9007199254740992.*safe integer/],
    ["NaN", Number.NaN, /NaN.*safe integer/],
    ["Infinity", Number.POSITIVE_INFINITY, /Infinity.*safe integer/],
    ["a fraction", 1.5, /1\.5.*safe integer/],
    ["a bigint", 7n, /7n.*text or a safe integer/],
    ["an object", { id: 7 }, /Object.*text or a safe integer/],
    ["a list", [7], /Array.*text or a safe integer/],
    ["null", null, /null.*text or a safe integer/],
    ["true", true, /true.*text or a safe integer/],
    ["a symbol", Symbol("id"), /text or a safe integer/],
  ];

  test.each(cases)("%s", async (_, given, message) => {
    const engine = await small();
    const id = given as Id; // on purpose not one

    await expectRefusal(engine, () => engine.storeVector([1, 1, 1], { id }), "E_BAD_ID", message);
    await expectRefusal(
      engine,
      () =>
        engine.storeManyVectors(
          [
            [1, 1, 1],
            [2, 2, 2],
          ],
          { ids: [1, id] },
        ),
      "E_BAD_ID",
      message,
    );
    await expectRefusal(engine, () => engine.storeManyVectors([{ vector: [1, 1, 1], id }]), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.deleteVector(id), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.deleteMany([0, id]), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.get(id), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.getMany([0, id]), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.has(id), "E_BAD_ID", message);
    await expectRefusal(engine, () => engine.neighbours({ id }), "E_BAD_ID", message);
  });

  test("the longest ids are taken: 512 bytes, ±(2⁵³ − 1), a pair of surrogates", async () => {
    const engine = await small();
    for (const id of ["x".repeat(512), "é".repeat(256), "\u{1f600}", Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(await engine.storeVector([1, 2, 3], { id })).toBe(id);
      expect((await engine.get(id))?.id).toBe(id);
    }
  });

  test("a number of ids or data other than that of the vectors is refused", async () => {
    const engine = await small();
    const two = [
      [1, 1, 1],
      [2, 2, 2],
    ];

    await expectRefusal(engine, () => engine.storeManyVectors(two, { ids: [1] }), "E_BAD_OPTION", /1 ids for 2 vectors.*one each/);
    await expectRefusal(engine, () => engine.storeManyVectors(two, { ids: [1, 2, 3] }), "E_BAD_OPTION", /3 ids for 2 vectors.*one each/);
    await expectRefusal(engine, () => engine.storeManyVectors(two, { data: [] }), "E_BAD_OPTION", /0 data for 2 vectors.*one each/);
    await expectRefusal(engine, () => engine.storeManyVectors(new Set(two), { ids: [1, 2] }), "E_BAD_OPTION", /iterable.*yield items/);
    await expectRefusal(
      engine,
      () =>
        engine.storeManyVectors(new Set([{ rows: { kind: "dense", dim: 3, count: 1, values: new Float32Array(3).fill(1) }, ids: [1, 2] }])),
      "E_BAD_OPTION",
      /2 ids for 1 vectors/,
    );
  });
});

describe("Data that JSON cannot carry is refused, and nothing is stored", () => {
  const cycle: Record<string, unknown> = { a: 1 };
  cycle["self"] = { again: cycle };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  class Point {
    x = 1;
  }
  const cases: [string, unknown, RegExp][] = [
    ["NaN", Number.NaN, /NaN.*finite numbers/],
    ["Infinity in a list", [1, Number.POSITIVE_INFINITY], /data\[1\] is Infinity.*finite numbers/],
    ["a Date", { at: new Date(0) }, /data\.at is Date.*plain objects/],
    ["a function", () => 1, /finite numbers/],
    ["a method", { run: () => 1 }, /data\.run/],
    ["a symbol", Symbol("x"), /finite numbers/],
    ["a bigint", { n: 1n }, /data\.n is 1n/],
    ["a Map", new Map([["a", 1]]), /data is Map/],
    ["a Set", new Set([1]), /data is Set/],
    ["a typed array", Float32Array.of(1, 2), /data is Float32Array/],
    ["a RegExp", /x/, /data is RegExp/],
    ["an instance of a class", new Point(), /data is Point/],
    ["an object with toJSON", { toJSON: () => "other" }, /data/],
    ["a cycle", cycle, /deep.*itself.*flatten/],
    ["nesting of 33", nested(33), /32 deep.*flatten/],
    ["undefined in a list", [undefined], /data\[0\] is undefined/],
    ["more than 64 Ki characters", "x".repeat(65_536), /65538 characters.*65536.*reference/],
    [
      "a getter that throws",
      {
        get secret(): string {
          throw new Error("boom");
        },
      },
      /could not be read.*getters/,
    ],
    ["a revoked proxy", revoked(), /could not be read/],
  ];

  test.each(cases)("%s", async (_, data, message) => {
    const engine = await small<unknown>();

    await expectRefusal(engine, () => engine.storeVector([1, 1, 1], { data }), "E_BAD_DATA", message);
    await expectRefusal(engine, () => engine.storeVector([1, 1, 1], { id: 0, data }), "E_BAD_DATA", message);
    await expectRefusal(
      engine,
      () =>
        engine.storeManyVectors(
          [
            [1, 1, 1],
            [2, 2, 2],
          ],
          { data: ["fine", data] },
        ),
      "E_BAD_DATA",
      message,
    );
    await expectRefusal(engine, () => engine.storeManyVectors([{ vector: [1, 1, 1], data }]), "E_BAD_DATA", message);
  });

  test("a small object whose text would be endless is refused at once", async () => {
    const engine = await small<unknown>();
    let data: unknown = "x";
    for (let depth = 0; depth < 31; depth++) data = [data, data];
    const begun = performance.now();

    await expectRefusal(engine, () => engine.storeVector([1, 1, 1], { data }), "E_BAD_DATA", /65536/);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test("what is at the limits is taken: nesting of 32, 64 Ki characters, own properties called __proto__", async () => {
    const engine = await small<unknown>();
    const polluting = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":null}}') as unknown;
    for (const data of [nested(32), "x".repeat(65_534), polluting, Object.assign(Object.create(null), { a: 1 })]) {
      const id = await engine.storeVector([1, 1, 1], { data });
      const stored = await engine.get(id);
      expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(data));
    }
    expect(Object.getPrototypeOf((await engine.get(5))?.data)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("Bad options are refused with the value and what may stand there", () => {
  test.each([0, -1, 1e9, 10_001, Number.NaN, 1.5, "3", null, Number.POSITIVE_INFINITY, 2n])("k of %s", async (k) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { k: k as number }), "E_LIMIT", /k is .*1 to 10000/);
    await expectRefusal(engine, () => engine.neighboursOfMany([[1, 1, 1]], { k: k as number }), "E_LIMIT", /k is .*1 to 10000/);
  });

  test.each([0, -1, 1e9, Number.NaN, 1.5, "3"])("probes of %s", async (probes) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { probes: probes as number }), "E_LIMIT", /probes is .*1 to 65536/);
  });

  test.each([Number.NaN, "3", null])("within of %s", async (within) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { within: within as number }), "E_BAD_OPTION", /threshold is .*number/);
  });

  test.each(["cosin", "", "__proto__", "toString", {}, 5, true, null])("a distance of %j", async (distance) => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { distance: distance as never }), "E_BAD_OPTION", /distance/);
    if (distance !== null) expect((await refusal(() => new Engine({ dim: 3, distance: distance as never }))).code).toBe("E_BAD_OPTION");
  });

  test("a distance for another kind of vector", async () => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { distance: "hamming" }), "E_UNSUPPORTED", /hamming.*bits.*dense/);
    expect((await refusal(() => new Engine({ dim: 3, distance: "hamming" }))).code).toBe("E_UNSUPPORTED");
    expect((await refusal(() => new Engine({ dim: 3, kind: "bits", distance: "cosine" }))).code).toBe("E_UNSUPPORTED");
  });

  test("things among the filters that are none", async () => {
    const engine = await small();
    for (const filters of [[{}], [null], ["nearest"], [{ name: "x", stage: "later", apply: () => {} }], "abc", 5, {}]) {
      await expectRefusal(engine, () => engine.neighbours([1, 1, 1], { filters: filters as never }), "E_BAD_OPTION", /filter/);
      expect((await refusal(() => new Engine({ dim: 3, filters: filters as never }))).code).toBe("E_BAD_OPTION");
    }
  });

  test("a query by the id of a vector that is not there", async () => {
    const engine = await small();

    await expectRefusal(engine, () => engine.neighbours({ id: 77 }), "E_NOT_FOUND", /77.*store it first/);
    await expectRefusal(engine, () => engine.explain([1, 1, 1], 77), "E_NOT_FOUND", /77/);
    await expectRefusal(engine, () => engine.cleanBuckets("rb"), "E_NOT_FOUND", /"rb".*rbp/);
  });

  test("a zero query for the cosine distance, by value or by id, in an engine that stores zero vectors", async () => {
    const engine = new Engine({ dim: 2, distance: "euclidean" });
    await engine.storeManyVectors([
      [0, 0],
      [1, 0],
    ]);

    expect((await refusal(() => engine.neighbours([0, 0], { distance: "cosine" }))).code).toBe("E_ZERO_VECTOR");
    expect((await refusal(() => engine.neighbours({ id: 0 }, { distance: "cosine" }))).code).toBe("E_ZERO_VECTOR");
  });

  test.each<[string, object, NearErrorCode, RegExp]>([
    ["dim of 0", { dim: 0 }, "E_BAD_OPTION", /dim is 0.*1 to 16384/],
    ["dim of −1", { dim: -1 }, "E_BAD_OPTION", /dim is -1/],
    ["dim of 2.5", { dim: 2.5 }, "E_BAD_OPTION", /dim is 2\.5/],
    ["dim of NaN", { dim: Number.NaN }, "E_BAD_OPTION", /dim is NaN/],
    ["dim in text", { dim: "3" }, "E_BAD_OPTION", /dim is "3"/],
    ["no dim", {}, "E_BAD_OPTION", /dim is undefined/],
    ["dim above the limit", { dim: 16_385 }, "E_LIMIT", /16385.*16384/],
    ["sparse dim above the limit", { dim: 2 ** 32, kind: "sparse" }, "E_LIMIT", /4294967296.*4294967295/],
    ["an unknown kind", { dim: 3, kind: "dens" }, "E_BAD_OPTION", /"dens".*dense/],
    ["sets by a distance of other vectors", { kind: "set", distance: "cosine" }, "E_UNSUPPORTED", /set/],
    ["a dimension left out", {}, "E_BAD_OPTION", /dim is undefined/],
    ["a hash that is none", { dim: 3, hashes: [{}] }, "E_BAD_OPTION", /no hash.*new RandomBinaryProjections/],
    ["null among the hashes", { dim: 3, hashes: [null] }, "E_BAD_OPTION", /null.*no hash/],
    ["a class among the hashes", { dim: 3, hashes: [RandomBinaryProjections] }, "E_BAD_OPTION", /no hash.*instances/],
    [
      "a hash for another kind",
      { dim: 3, kind: "bits", hashes: [new RandomBinaryProjections({ name: "h", projections: 2 })] },
      "E_UNSUPPORTED",
      /"h".*dense and sparse.*bits/,
    ],
    ["maxBytes of 0", { dim: 3, maxBytes: 0 }, "E_BAD_OPTION", /maxBytes is 0/],
    ["maxBytes of NaN", { dim: 3, maxBytes: Number.NaN }, "E_BAD_OPTION", /maxBytes is NaN/],
  ])("a new engine with %s", async (_, options, code, message) => {
    const refused = await refusal(() => new Engine(options));

    expect({ code: refused.code, message: refused.message }).toEqual({ code, message: expect.stringMatching(message) });
  });

  test("two hashes of one name", async () => {
    const hash = (seed: number) => new RandomBinaryProjections({ name: "twin", projections: 2, seed });
    const refused = await refusal(() => new Engine({ dim: 3, hashes: [hash(1), hash(2)] }));

    expect(refused.code).toBe("E_DUPLICATE_NAME");
    expect(refused.message).toMatch(/"twin".*give each its own/);
  });

  test("a hash made for another dimension, and a configuration of another version", async () => {
    const training = gaussians(new Dice(1), 20, 5);
    const hash = new PCABinaryProjections({ name: "pca", projections: 2, training });
    const refused = await refusal(() => new Engine({ dim: 3, hashes: [hash] }));

    expect(refused.code).toBe("E_CONFIG");
    expect(refused.message).toMatch(/"pca".*5.*3/);
    const { hashFromConfig } = await import("nearts");
    const newer = await refusal(() => hashFromConfig({ ...hash.config(), version: 2 }));
    expect(newer.code).toBe("E_CONFIG");
    expect(newer.message).toMatch(/"pca".*version is 2.*1/);
  });
});
