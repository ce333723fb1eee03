import { Engine, NearError } from "nearts";
import type { Index } from "../search/trial.js";
import { openPlace, type PlaceOptions } from "./place.js";

/** The index at a place, ready to be used; the caller closes it. E_NOT_FOUND where there is none. */
export async function openIndex(place: string, options: PlaceOptions): Promise<Index> {
  const storage = await openPlace(place, options);
  try {
    if ((await storage.schema()) === null) {
      throw new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(place)}: make one with nearts index <file> --to ${place}`, {
        place,
      });
    }
    return await Engine.open<unknown, "dense" | "sparse">({ storage });
  } catch (error) {
    await storage.close();
    throw error;
  }
}
