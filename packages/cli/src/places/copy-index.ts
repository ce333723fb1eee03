import { Candidates, Engine, type EngineOptions, hashFromConfig, type Schema, type Storage } from "nearts";
import type { Index } from "../search/trial.js";

/** What is copied, and how. */
export interface Copying {
  readonly from: Storage;
  readonly to: Storage;
  /** Vectors that are there already under the same id are copied again. */
  readonly anew: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (rows: number, share: number) => void;
}

/** What a copy did. */
export interface Copied {
  readonly engine: Index;
  /** Vectors stored, and those that were there before. */
  readonly stored: number;
  readonly there: number;
}

/**
 * Copies all vectors with ids and data into another storage, block by block, into an index made like the one they come from. One that was interrupted goes on:
 * blocks whose ids are all there are passed over. The caller closes both storages.
 */
export async function copyIndex({ from, to, anew, signal, onProgress }: Copying): Promise<Copied> {
  const source = await Engine.open<unknown, "dense" | "sparse">({ storage: from });
  const schema = (await from.schema()) as Schema; // Engine.open has found it
  const engine: Index = new Engine<unknown, "dense" | "sparse">({ ...optionsOf(schema, source), storage: to });
  const total = Math.max(1, await source.size());
  await engine.size(); // refuses an index made otherwise before anything is read
  let [stored, there] = [0, 0];
  const blocks = async function* () {
    for await (const { rows, ids, data } of from.entries()) {
      if (!anew && (await to.find(ids, new Candidates())) === ids.length) there += ids.length;
      else {
        yield { rows, ids, data: data.map((text) => (text === undefined ? undefined : (JSON.parse(text) as unknown))) };
        stored += ids.length;
      }
      onProgress(stored + there, (stored + there) / total);
    }
  };
  await engine.storeManyVectors(blocks(), { signal });
  return { engine, stored, there };
}

/** What an engine is to be made of to be like another. */
function optionsOf({ fields: [field], hashes, dataFields, recall }: Schema, { distance }: Index): EngineOptions<"dense" | "sparse"> {
  const bits = hashes.find(({ sketch }) => sketch !== undefined)?.sketch?.config["bits"];
  return {
    dim: field.dim,
    kind: field.kind === "sparse" ? "sparse" : "dense",
    distance,
    ...(hashes.length === 0 ? {} : { hashes: hashes.map(({ config }) => hashFromConfig(config)) }),
    ...(bits === 1 || bits === 2 || bits === 4 ? { codes: { bits } } : {}),
    ...(dataFields === undefined ? {} : { fields: dataFields }),
    ...(recall === undefined ? {} : { recall }),
    ...(field.precision === "f32" ? {} : { vectors: field.precision }),
  };
}
