import { NearError } from "../core/errors.js";

/** Attempts before it is an error that others learn the index anew all the time. */
const mostAttempts = 12;

/** Does `work`; where a shared storage refused it as made by older knowledge (E_STALE), reads that anew and does it again. */
export async function fresh<T>(renew: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NearError && error.code === "E_STALE") || attempt === mostAttempts) throw error;
      await renew();
    }
  }
}
