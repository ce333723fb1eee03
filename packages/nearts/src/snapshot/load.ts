import { files as ownFiles } from "#platform";
import { NearError } from "../core/errors.js";
import type { SnapshotProgress, SnapshotSource } from "../engine/options.js";
import type { FileSystem } from "../platform/files.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import { flowOf, type OpenFlow } from "./flows.js";
import { Inflow } from "./inflow.js";
import type { Meta } from "./meta.js";
import { readSnapshot } from "./read-snapshot.js";

/** What a load needs of who makes the engine. */
export interface LoadParts {
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes?: number | undefined;
  /** Makes the storage that the rows go to: empty, open, with the learned hash. Refuses what the rest cannot be. */
  readonly open: (meta: Meta) => Promise<MemoryStorage>;
}

/** Restores a snapshot into the storage that `open` makes. Where it rejects, that storage is to be thrown away. */
export async function loadSnapshot(
  source: SnapshotSource,
  { open, onProgress, signal, maxBytes }: LoadParts,
  files: FileSystem | null = ownFiles,
): Promise<void> {
  signal?.throwIfAborted();
  const flow = await flowOf(source, files, signal);
  try {
    let made: MemoryStorage | undefined;
    await readSnapshot(new Inflow(watched(flow, onProgress, signal), maxBytes), async (meta) => {
      made = await open(meta);
      return made;
    });
    if (made !== undefined) requireRoom(made, maxBytes);
    onProgress?.({ bytes: flow.size, total: flow.size });
  } finally {
    await flow.close();
  }
}

/** A flow that tells how far it has come, and ends when the signal is aborted. */
function watched(flow: OpenFlow, onProgress: LoadParts["onProgress"], signal: AbortSignal | undefined): OpenFlow {
  if (onProgress === undefined && signal === undefined) return flow;
  let bytes = 0;
  return {
    ...flow,
    read: async (into) => {
      signal?.throwIfAborted();
      onProgress?.({ bytes, total: flow.size });
      const more = await flow.read(into);
      bytes += more;
      return more;
    },
  };
}

function requireRoom({ resident: { bytes } }: MemoryStorage, maxBytes = Number.POSITIVE_INFINITY): void {
  if (bytes <= maxBytes) return;
  throw new NearError("E_MEMORY", `the index has ${bytes} bytes, over maxBytes ${maxBytes}: raise it, or load a smaller one`, {
    bytes,
    maxBytes,
  });
}
