import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";
import { TcpProxy } from "../../servers/tcp-proxy.js";
import { RedisWriter } from "./redis-writer.js";
import type { StageMaker, Trials } from "./stage.js";

/** The connection of a writer to Redis is cut in the middle of a message; `cuts` counts how often. */
export const wireCuts: StageMaker<Trials & { cuts(): number }> = async (bundle) => {
  const server = await RedisServer.start(IN_MEMORY);
  const proxy = await TcpProxy.start(server.port);
  const writer = await RedisWriter.open(bundle, proxy.url, server.url, { seed: 4200, lanes: 2, most: 8 });
  let cuts = 0;
  return {
    cuts: () => cuts,
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await proxy.close();
      await server.stop();
    },
    async trial(number, dice) {
      const direction = dice.pick(["requests", "replies"] as const);
      void proxy.cutAfter(dice.roll(direction === "requests" ? 12_000 : 1500), direction).then(() => cuts++);
      await writer.write(16);
      return writer.judged(number % 10 === 9);
    },
  };
};
