/** `nearts/lmdb`: an index in a folder, in an LMDB database. */
export type { LmdbStorageOptions } from "./lmdb-storage.js";
export { LmdbStorage } from "./lmdb-storage.js";
export { repairLmdb } from "./repair.js";
export type { Repair } from "./save-rows.js";
export { verifyLmdb } from "./verify.js";
export type { Verification } from "./verify-tables.js";
