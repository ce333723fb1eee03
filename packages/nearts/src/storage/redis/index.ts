export type { RedisClientLike, RedisStorageOptions } from "./redis-options.js";
export { RedisStorage } from "./redis-storage.js";
export type { RepairReport } from "./repair.js";
