// Compiled, never run, by test/package.test.ts against the packed library: what a consumer writes must type check as it stands.
import { Engine, NearError } from "nearts";

interface Song {
  readonly title: string;
}

export async function nearestTitles(query: Float32Array): Promise<string[]> {
  const engine = new Engine<Song>({ dim: 8, distance: "cosine" });
  try {
    await engine.storeVector(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), { id: "first", data: { title: "One" } });
    const found = await engine.neighbours(query, { k: 3 });
    const distances: number[] = found.map((neighbour) => neighbour.distance);
    return found.map((neighbour, i) => `${neighbour.data?.title ?? neighbour.id} ${distances[i]}`);
  } catch (error) {
    if (error instanceof NearError && error.code === "E_DIM_MISMATCH") return [];
    throw error;
  } finally {
    await engine.close();
  }
}
