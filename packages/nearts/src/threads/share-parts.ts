import { channel } from "#platform";
import type { Parts } from "../numeric/steps.js";
import type { Crew } from "./crew.js";
import { divide, sharedParts } from "./parts.js";

const events = channel("nearts:threads");

/** As `Batches.share`, with the help of a crew. */
export async function shareParts(crew: Crew, { count, run, share }: Parts, turn: () => Promise<void> | undefined): Promise<boolean> {
  if (!crew.works) return false;
  const work = share(crew.size + 1);
  const parts = sharedParts(count, crew.size);
  const helpers = () => crew.set(crew.size, (to) => ({ kind: "parts", ...to, work, parts }));
  const helped = await divide({ count, parts, bring: () => count, run, turn }, helpers);
  if (events.hasSubscribers) events.publish({ work: work.kind, parts: count, helped });
  return true;
}
