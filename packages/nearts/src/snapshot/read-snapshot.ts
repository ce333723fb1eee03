import { NearError } from "../core/errors.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import { FieldColumns } from "../storage/resident/fields/field-columns.js";
import { restoreNumbers, restoreTexts } from "../storage/resident/id-dump.js";
import { FixedVectors } from "../storage/vectors/fixed-vectors.js";
import { layoutOf } from "../storage/vectors/row-layout.js";
import { corrupt, entryBytes, headBytes, type PlacedSection, sectionsIn, tableOf, version } from "./format.js";
import type { Inflow } from "./inflow.js";
import { type Meta, metaFrom } from "./meta.js";
import { order } from "./sections.js";

type Name = (typeof order)[number];

/**
 * Restores a snapshot into the storage that `open` makes for it: empty, open with the schema, and with the learned hash if there is one. Rejects before that, or
 * in the middle, where anything is wrong: whatever `open` made is then to be thrown away.
 */
export async function readSnapshot(flow: Inflow, open: (meta: Meta) => Promise<MemoryStorage>): Promise<void> {
  const sections = await readTable(flow);
  const meta = await readMeta(flow, sections[0]);
  requireSections(sections, meta);
  const storage = await open(meta);
  const rest = new Restoration(flow, storage, meta);
  for (const section of sections.slice(1)) {
    if (!isKnown(section.name)) await flow.skip(section);
    else {
      flow.begin(section);
      await rest.restore(section.name, section.number);
      await flow.end();
    }
  }
  rest.finish();
}

async function readTable(flow: Inflow): Promise<readonly PlacedSection[]> {
  const head = await flow.bytes(Math.min(flow.size, headBytes));
  const count = sectionsIn(head, flow.size);
  const lines = await flow.bytes(count * entryBytes);
  const whole = new Uint8Array(head.length + lines.length);
  whole.set(head);
  whole.set(lines, head.length);
  const sections = tableOf(whole, flow.size);
  checkOrder(sections);
  flow.checkAhead(sections);
  return sections;
}

/** Sections that must be known are, each comes once, and all in their order. */
function checkOrder(sections: readonly PlacedSection[]): void {
  let [last, hashes] = [-1, 0];
  for (const [i, { name, number }] of sections.entries()) {
    const line = headBytes + i * entryBytes;
    const place = order.indexOf(name as Name); // −1 for others
    if (place < 0) {
      if (name[0] >= "a") continue;
      const message = `the snapshot has a section ${name}, which this nearts (format ${version}) does not know and a newer one needs: load it with the nearts that saved it, or a newer one`;
      throw new NearError("E_VERSION", message, { section: name, newest: version });
    }
    const again = name === "HASH" && place === last;
    if (place < last || (place === last && !again)) throw corrupt("table", line, `section ${name} comes twice, or too late`);
    if (number !== (name === "HASH" ? hashes++ : 0)) throw corrupt("table", line + 4, `section ${name} has the number ${number}`);
    last = place;
  }
  if (sections[0]?.name !== "META")
    throw corrupt("table", headBytes, `the first section is ${sections[0]?.name ?? "missing"}, expected META`);
}

async function readMeta(flow: Inflow, section: PlacedSection): Promise<Meta> {
  flow.begin(section);
  const bytes = await flow.bytes(section.bytes);
  await flow.end();
  try {
    return metaFrom(bytes);
  } catch (error) {
    throw error instanceof NearError ? corrupt("META", section.at, error.message, error) : error;
  }
}

/** Refuses, before anything is made of it, a file whose sections cannot be those of such an index. */
function requireSections(sections: readonly PlacedSection[], { schema, knowledge, rows }: Meta): void {
  const of = (name: Name) => sections.filter((section) => section.name === name);
  const [vectors] = of("VECT");
  const [field] = schema.fields;
  if (vectors === undefined) throw corrupt("table", headBytes, "there are no vectors (section VECT)");
  const expected = field.kind === "sparse" || field.kind === "set" ? null : rows * layoutOf(field).rowBytes;
  if ((expected ?? vectors.bytes) !== vectors.bytes || (expected === null && vectors.bytes < rows * 4)) {
    throw corrupt(
      "VECT",
      vectors.at,
      `it has ${vectors.bytes} bytes, expected ${expected ?? "more"} for ${rows} rows of ${field.dim} dimensions`,
    );
  }
  for (const free of of("FREE")) {
    if (free.bytes % 4 !== 0 || free.bytes / 4 > rows)
      throw corrupt("FREE", free.at, `it has ${free.bytes} bytes, and there are ${rows} rows`);
  }
  const hashes = schema.hashes.length + (knowledge?.learned ? 1 : 0);
  if (of("HASH").length !== hashes)
    throw corrupt("table", headBytes, `there are the buckets of ${of("HASH").length} hashes, and the index has ${hashes}`);
}

function isKnown(name: string): name is Name {
  return (order as readonly string[]).includes(name);
}

/** An index on its way from a file into a storage. */
class Restoration {
  readonly #flow: Inflow;
  readonly #storage: MemoryStorage;
  readonly #meta: Meta;
  #free: Uint32Array = new Uint32Array(0);
  /** Living rows that have an id. */
  #named = 0;

  constructor(flow: Inflow, storage: MemoryStorage, meta: Meta) {
    this.#flow = flow;
    this.#storage = storage;
    this.#meta = meta;
  }

  async restore(name: Name, number: number): Promise<void> {
    const flow = this.#flow;
    const { rows, vectors, texts, hashes } = this.#storage.parts;
    const { ids, live } = rows.parts;
    const living = { rows: rows.end, live };
    switch (name) {
      case "FREE":
        this.#free = await flow.words(flow.left / 4);
        return;
      case "VECT":
        await vectors.restore(this.#meta.rows, this.#sortedFree(), flow);
        rows.restore(this.#meta.rows, this.#free, this.#meta.nextId);
        return;
      case "IDNM":
        this.#named = await restoreNumbers(ids, living, this.#meta.nextId, flow);
        return;
      case "IDTX":
        await restoreTexts(ids, living, this.#unnamed, flow);
        this.#named += this.#unnamed;
        return;
      case "DATA":
        await texts.restore(live, living.rows, flow);
        return;
      case "HASH":
        await hashes.known(number).restore(living, flow);
        return;
      case "outl":
        if (vectors instanceof FixedVectors) await vectors.restoreOutlines(flow);
        else flow.refuse("outlines are of dense vectors, and these are sparse");
        return;
      case "META":
        flow.refuse("it comes twice");
    }
  }

  /** Checks what concerns several sections, and makes what can be made again. */
  finish(): void {
    if (this.#unnamed > 0) this.#flow.refuse(`${this.#unnamed} vectors have no ids`);
    const { schema, rows, texts } = this.#storage.parts;
    if (schema.dataFields === undefined) return;
    this.#flow.admit(new FieldColumns(schema.dataFields).bytesPerRow * rows.end, "the columns of the declared fields");
    for (let row = 0; row < rows.end; row++) if (rows.holds(row)) this.#storage.resident.setFields(row, texts.get(row));
  }

  get #unnamed(): number {
    return this.#meta.rows - this.#free.length - this.#named;
  }

  #sortedFree(): Uint32Array {
    const sorted = this.#free.slice().sort();
    for (let i = 0; i < sorted.length; i++) {
      if (sorted[i] >= this.#meta.rows) this.#flow.refuse(`row ${sorted[i]} is free, and there are ${this.#meta.rows}`);
      if (i > 0 && sorted[i] === sorted[i - 1]) this.#flow.refuse(`row ${sorted[i]} is free twice`);
    }
    return sorted;
  }
}
