import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";
import { RedisWriter } from "./redis-writer.js";
import type { StageMaker, Trials } from "./stage.js";

/** A Redis server runs out of memory while it is written to, and is given more: what it refused must not be acknowledged. */
export const refusedWrites: StageMaker<Trials & { readonly failures: ReadonlyMap<string, number> }> = async (bundle) => {
  const server = await RedisServer.start(IN_MEMORY);
  const writer = await RedisWriter.open(bundle, server.url, server.url, { seed: 4300, lanes: 2, most: 8 }, { timeoutMs: 4000 });
  return {
    failures: writer.failures,
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await server.stop();
    },
    async trial() {
      await writer.write(10);
      await server.command("CONFIG", "SET", "maxmemory", "1");
      await writer.write(12);
      await server.command("CONFIG", "SET", "maxmemory", "0");
      return writer.judged(true);
    },
  };
};
