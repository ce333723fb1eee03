import { Redis } from "ioredis";
import { Engine } from "nearts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readNearPyIndex } from "../../../../src/storage/redis/nearpy/index.js";
import { refusal } from "../../../acceptance/vectors.js";
import { IN_MEMORY, RedisServer } from "../../../servers/redis-server.js";

let server: RedisServer;
let client: Redis;
const send = (args: readonly string[]): Promise<unknown> => client.callBuffer(args[0], ...args.slice(1));

beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
  client = new Redis(server.port, "127.0.0.1");
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await client.flushall();
});

/** An entry as NearPy 2 pickles it: protocol 2, the bytes through a codec, as Python 3 does. */
function pickled(values: readonly number[], data?: string): Buffer {
  const bytes = Buffer.from(Float32Array.from(values).buffer).toString("latin1");
  const text = Buffer.from(bytes, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const field = (name: string): string => `X${String.fromCharCode(name.length)}\0\0\0${name}`;
  const head = Buffer.from(`\x80\x02}(${field("vector")}c_codecs\nencode\nX`, "latin1");
  const rest = `${field("latin1")}\x86R${field("dtype")}${field("float32")}${data === undefined ? "" : field("data") + field(data)}u.`;
  return Buffer.concat([head, length, text, Buffer.from(rest, "latin1")]);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const unit = (i: number): number[] => [Math.cos(i), Math.sin(i)];

/** `count` vectors in the buckets of two hashes, as NearPy stores them. */
async function fill(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await client.rpush(`nearpy_rbp_${"01"[i % 2]}`, pickled(unit(i), `data_${i}`));
    await client.rpush(`nearpy_rbp_b_${i % 7}_-4`, pickled(unit(i), `data_${i}`));
  }
}

describe("reading an index of NearPy", () => {
  it("gives each vector once, however many buckets it is in, and an engine finds it", async () => {
    await fill(1203);
    await client.set("rbp_conf", "a pickle of the hash");
    await client.set("nearpy_other", "no list");
    const engine = new Engine({ dim: 2 });

    await engine.storeManyVectors(readNearPyIndex(send));

    expect(await engine.size()).toBe(1203);
    const [nearest] = await engine.neighbours(unit(700), { k: 1 });
    expect([nearest.data, nearest.distance]).toEqual(["data_700", 0]);
  });

  it("reads one hash where its name is given", async () => {
    await client.rpush("nearpy_a_0", pickled([1, 0], "x"));
    await client.rpush("nearpy_[a]*_0", pickled([0, 1], "y"));

    expect((await all(readNearPyIndex(send, { hash: "a" }))).map(({ data }) => data)).toEqual(["x"]);
    expect((await all(readNearPyIndex(send, { hash: "[a]*" }))).map(({ data }) => data)).toEqual(["y"]);
  });

  it("names the key and the entry that would run code, and runs nothing", async () => {
    await client.rpush("nearpy_rbp_0", pickled([1, 0]), Buffer.from("cos\nsystem\n(S'touch /tmp/owned'\ntR."));

    expect(await refusal(() => all(readNearPyIndex(send)))).toMatchObject({
      code: "E_CORRUPT",
      message: expect.stringContaining('"nearpy_rbp_0", entry 1: an entry of the NearPy index refers to "os.system"'),
      details: { key: "nearpy_rbp_0", place: 1 },
    });
  });

  it("refuses a client that turns bytes into text", async () => {
    await client.rpush("nearpy_rbp_0", pickled([1, 0]));
    const asText = (args: readonly string[]): Promise<unknown> => client.call(args[0], ...args.slice(1));

    expect(await refusal(() => all(readNearPyIndex(asText)))).toMatchObject({ code: "E_BAD_OPTION" });
  });
});
