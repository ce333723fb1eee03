import type { Knowledge, Schema } from "../core/contracts.js";
import { type Dump, piecesOf } from "../core/dump.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import { dumpNumbers, dumpTexts } from "../storage/resident/id-dump.js";
import { FixedVectors } from "../storage/vectors/fixed-vectors.js";
import type { SectionEntry } from "./format.js";
import { metaBytes } from "./meta.js";

/** Names of the sections that this version knows, in their order. */
export const order = ["META", "FREE", "VECT", "IDNM", "IDTX", "DATA", "HASH", "outl"] as const;

/** A section that is to be written. */
export interface Section extends SectionEntry {
  readonly pieces: Dump["pieces"];
}

/** All that a storage holds at this moment, as sections in order: their columns are read when their pieces are asked for, until when nothing may be written. */
export function sectionsOf(storage: MemoryStorage): readonly Section[] {
  const { schema, configs, outlines, rows, vectors, texts, hashes } = storage.parts;
  const { end, nextId } = rows;
  const { ids, live } = rows.parts;
  const free = Uint32Array.from(rows.parts.free);
  const sorted = free.slice().sort();
  const knowledge = storage.knowledge();
  const meta = metaBytes({ schema, knowledge, configs, rows: end, nextId, outlines });
  const sections = [
    section("META", dumpOf(meta)),
    free.length === 0 ? null : section("FREE", dumpOf(free)),
    section("VECT", vectors.dump(end, sorted)),
    section("IDNM", dumpNumbers(ids, { rows: end, live })),
    section("IDTX", dumpTexts(ids, { rows: end, live })),
    section("DATA", texts.dump(end)),
    ...numbersOf(schema, knowledge).map((number, i) => section("HASH", hashes.known(number).dump(end), i)),
    section("outl", vectors instanceof FixedVectors ? vectors.dumpOutlines(end, sorted) : null),
  ];
  return sections.filter((one) => one !== null);
}

/** Numbers of the hashes whose buckets are kept: not of one that is being filled. */
function numbersOf(schema: Schema, knowledge: Knowledge | null): readonly number[] {
  const given = schema.hashes.map((_, number) => number);
  return knowledge?.learned ? [...given, knowledge.learned.number] : given;
}

function dumpOf(column: ArrayBufferView): Dump {
  return { bytes: column.byteLength, pieces: () => piecesOf(column) };
}

function section(name: (typeof order)[number], dump: Dump | null, number = 0): Section | null {
  return dump === null ? null : { name, number, bytes: dump.bytes, pieces: () => dump.pieces() };
}
