import { NearError } from "../core/errors.js";
import { probesOfMost } from "../engine/read-on.js";
import type { Effort, Stage } from "../engine/stages.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import type { SharedHash } from "../storage/resident/index-reader.js";

/**
 * What other threads read of a stage, with scratch for queries of these efforts for `nearest` neighbours: those that read on too, where there is memory for
 * that. Null where there is none at all.
 */
export function shareStage({ resident }: MemoryStorage, { number }: Stage, efforts: readonly Effort[], nearest: number): SharedHash | null {
  const most = Math.max(...efforts.map(({ probes }) => probes));
  for (const probes of [Math.max(...efforts.map(probesOfMost)), most]) {
    try {
      return resident.share(number, probes, nearest);
    } catch (error) {
      if (!(error instanceof NearError) || error.code !== "E_MEMORY") throw error;
    }
  }
  return null;
}
