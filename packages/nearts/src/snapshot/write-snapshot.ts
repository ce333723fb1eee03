import type { Awaitable } from "../core/contracts.js";
import { piecesOf } from "../core/dump.js";
import { NearError } from "../core/errors.js";
import type { SaveOptions } from "../engine/options.js";
import { turnTaker } from "../engine/turns.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import { fileBytes, headOf } from "./format.js";
import { Outflow, type Sink } from "./outflow.js";
import { type Section, sectionsOf } from "./sections.js";

/** Writes what a storage holds to a sink, a piece at a time. Nothing may be written to the storage before it resolves. `between` is called between pieces. */
export async function writeSnapshot(
  storage: MemoryStorage,
  sink: Sink,
  { onProgress, signal }: SaveOptions,
  between: () => Awaitable<void> = () => {},
): Promise<void> {
  const sections = sectionsOf(storage);
  const total = fileBytes(sections);
  const turn = turnTaker(signal);
  const out = new Outflow(async (bytes) => {
    await between();
    await sink(bytes);
    onProgress?.({ bytes: out.bytes, total });
    await turn();
  });
  await putAll(out, piecesOf(headOf(sections)));
  for (const section of sections) await putSection(out, section);
  await out.flush();
}

async function putSection(out: Outflow, { name, bytes, pieces }: Section): Promise<void> {
  out.check();
  const before = out.bytes;
  await putAll(out, pieces());
  if (out.bytes - before !== bytes) {
    const message = `section ${name} has ${out.bytes - before} bytes and was to have ${bytes}: the storage was written past its engines while it was saved; write through an engine, and save again`;
    throw new NearError("E_IO", message, { section: name });
  }
  const check = new Uint8Array(4);
  new DataView(check.buffer).setUint32(0, out.check(), true);
  await putAll(out, [check]);
}

/** The next piece is made only when the one before is in the buffer: it may lie in memory that moves. */
async function putAll(out: Outflow, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    const waiting = out.put(piece);
    if (waiting !== undefined) await waiting;
  }
}
