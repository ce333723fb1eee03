import { RedisServer } from "../../servers/redis-server.js";
import { RedisWriter } from "./redis-writer.js";
import type { StageMaker } from "./stage.js";

/** At level replica, on a server without a replica, nothing may be acknowledged: if the server were gone now, so would the write. */
export const unreplicated: StageMaker = async (bundle) => {
  const server = await RedisServer.start({ appendfsync: "everysec" });
  const writer = await RedisWriter.open(
    bundle,
    server.url,
    server.url,
    { seed: 4400, lanes: 1, most: 4 },
    { ack: "replica", timeoutMs: 4000 },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await server.stop();
    },
    async trial() {
      const before = writer.oracle.acked;
      await writer.write(1);
      const lost = writer.oracle.acked - before;
      return { lost, why: lost === 0 ? [] : ["a write that no replica has was acknowledged"] };
    },
  };
};
