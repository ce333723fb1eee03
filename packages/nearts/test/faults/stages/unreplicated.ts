import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";
import { until } from "../../servers/until.js";
import { RedisWriter } from "./redis-writer.js";
import type { StageMaker } from "./stage.js";

/** At level replica, on a server whose only replica is gone, nothing may be acknowledged: if the server were gone too, so would the write. */
export const unreplicated: StageMaker = async (bundle) => {
  const server = await RedisServer.start({ ...IN_MEMORY, "repl-diskless-sync-delay": "0" });
  const replica = await RedisServer.start({ ...IN_MEMORY, replicaof: `127.0.0.1 ${server.port}` });
  await until("a level replica", async () =>
    [...(await server.info("replication")).values()].some((value) => value.includes("state=online")),
  );
  const writer = await RedisWriter.open(
    bundle,
    server.url,
    server.url,
    { seed: 4400, lanes: 1, most: 4 },
    { ack: "replica", timeoutMs: 4000 },
  );
  await writer.write(5);
  const before = writer.oracle.acked;
  await replica.kill();
  return {
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await Promise.all([server.stop(), replica.stop()]);
    },
    async trial() {
      await writer.write(1);
      const lost = writer.oracle.acked - before;
      if (before === 0) return { inconsistent: 1, why: ["nothing was acknowledged while there was a replica"] };
      return { lost, why: lost === 0 ? [] : ["a write that no replica has was acknowledged"] };
    },
  };
};
