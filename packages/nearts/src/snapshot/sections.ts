import type { Knowledge } from "../core/contracts.js";
import { type Dump, piecesOf } from "../core/dump.js";
import { dumpNumbers, dumpTexts } from "../storage/resident/id-dump.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import type { SectionEntry } from "./format.js";
import { type Meta, metaBytes } from "./meta.js";

/** Names of the sections that this version knows, in their order. */
export const order = ["META", "FREE", "VECT", "IDNM", "IDTX", "DATA", "HASH", "outl"] as const;

/** A section that is to be written. */
export interface Section extends SectionEntry {
  readonly pieces: Dump["pieces"];
}

/** All that a storage holds at this moment, as sections in order: their columns are read when their pieces are asked for, until when nothing may be written. */
export function sectionsOf(storage: MemoryStorage): readonly Section[] {
  const { parts } = storage;
  const { rows, live } = parts;
  const free = Uint32Array.from(parts.free);
  const sorted = free.slice().sort();
  const knowledge = storage.knowledge();
  const meta = metaBytes(metaOf(storage, knowledge));
  const sections = [
    section("META", dumpOf(meta)),
    free.length === 0 ? null : section("FREE", dumpOf(free)),
    section("VECT", parts.vectors.dump(rows, sorted)),
    section("IDNM", dumpNumbers(parts.ids, { rows, live })),
    section("IDTX", dumpTexts(parts.ids, { rows, live })),
    section("DATA", parts.texts.dump(rows)),
    ...numbersOf(storage, knowledge).map((number, i) => section("HASH", parts.postings(number).dump(rows), i)),
    section("outl", parts.vectors.dumpOutlines(rows, sorted)),
  ];
  return sections.filter((one) => one !== null);
}

function metaOf(storage: MemoryStorage, knowledge: Knowledge | null): Meta {
  const { schema, configs, rows, nextId, outlines } = storage.parts;
  return { schema, knowledge, configs, rows, nextId, outlines };
}

/** Numbers of the hashes whose buckets are kept: not of one that is being filled. */
function numbersOf({ parts }: MemoryStorage, knowledge: Knowledge | null): readonly number[] {
  const given = parts.schema.hashes.map((_, number) => number);
  return knowledge?.learned ? [...given, knowledge.learned.number] : given;
}

function dumpOf(column: ArrayBufferView): Dump {
  return { bytes: column.byteLength, pieces: () => piecesOf(column) };
}

function section(name: (typeof order)[number], dump: Dump | null, number = 0): Section | null {
  return dump === null ? null : { name, number, bytes: dump.bytes, pieces: dump.pieces };
}
