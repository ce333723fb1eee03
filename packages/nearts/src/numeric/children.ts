import { Keys } from "../core/columns.js";
import type { Hash, HashConfig, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Kind, Rows } from "../core/rows.js";
import { keyBits } from "./hash-options.js";
import { Opening } from "./opening.js";

/** A hash whose keys are bit strings: the first `bits` bits of a key count, the rest are 0, and each vector has one key in each table. */
export interface BinaryHash extends Hash {
  /** Bits of a key: 1 to 64. */
  readonly bits: number;
}

/** Whether a hash is a {@link BinaryHash}. */
export function isBinary(hash: Hash): hash is BinaryHash {
  // Whoever writes JavaScript may give anything.
  const { bits, keysPerTable = 1 }: Partial<BinaryHash> = hash ?? {};
  return typeof bits === "number" && Number.isInteger(bits) && bits >= 1 && bits <= keyBits && keysPerTable === 1;
}

/** One table of a composed hash. */
export interface ChildTable {
  /** Number of the child that it belongs to. */
  readonly child: number;
  /** Bits of its keys. */
  readonly bits: number;
}

/** The binary hashes that a hash is composed of: their tables are its tables, one child's after the other's. */
export class Children {
  readonly opening: Opening;
  readonly #children: readonly BinaryHash[];
  readonly #scratch: readonly Keys[];
  readonly #own = new Keys();
  #layout: readonly ChildTable[] = [];

  /** `owner` is the composed hash's name, for messages. E_BAD_OPTION for none or one that is not binary, E_DUPLICATE_NAME for two of one name. */
  constructor(owner: string, children: readonly Hash[]) {
    if (!Array.isArray(children) || children.length === 0) {
      throw new NearError("E_BAD_OPTION", `children is ${show(children)}; it must be a list of at least one hash`, { option: "children" });
    }
    this.#children = children.map(binary);
    refuseEqualNames(this.#children);
    this.opening = new Opening(owner, commonKinds(this.#children));
    this.#scratch = this.#children.map(() => new Keys());
    this.#arrange();
  }

  get kinds(): readonly Kind[] {
    return this.opening.kinds;
  }

  /** Distances that every child serves, of those that say; undefined where none says. */
  get serves(): readonly string[] | undefined {
    const lists = this.#children.flatMap(({ serves }) => (serves === undefined ? [] : [serves]));
    return lists.length === 0 ? undefined : lists[0].filter((name) => lists.every((list) => list.includes(name)));
  }

  /** The tables, in their order. */
  get layout(): readonly ChildTable[] {
    return this.#layout;
  }

  open(shape: Shape): void {
    this.opening.open(shape);
    for (const child of this.#children) child.open(shape);
    this.#arrange();
  }

  /** Appends the keys of each row in all children's tables, rows ascending. */
  keys(rows: Rows, out: Keys): void {
    this.opening.check(rows);
    out.reserve(rows.count * this.#layout.length);
    this.#children.forEach((child, c) => {
      this.#scratch[c].clear();
      child.keys(rows, this.#scratch[c]);
    });
    for (let r = 0; r < rows.count; r++) this.#addRow(r, out);
  }

  /** The keys of one vector, one of each table: borrowed until the next call. */
  own(query: Rows): Keys {
    this.opening.checkOne(query);
    this.#own.clear();
    this.keys(query, this.#own);
    return this.#own;
  }

  /** The children's keys in their own form for people, each after its child's name. */
  strings(vector: Rows): string[] {
    this.opening.checkOne(vector);
    return this.#children.flatMap((child) => child.bucketKeys(vector).map((key) => `${child.name}_${key}`));
  }

  configs(): readonly HashConfig[] {
    return this.#children.map((child) => child.config());
  }

  #arrange(): void {
    this.#layout = this.#children.flatMap(({ tables, bits }, child) => Array.from({ length: tables }, () => ({ child, bits })));
  }

  #addRow(row: number, out: Keys): void {
    let first = 0;
    for (let c = 0; c < this.#children.length; c++) {
      const width = this.#children[c].tables;
      const { tables, hi, lo } = this.#scratch[c];
      for (let e = row * width; e < (row + 1) * width; e++) out.add(row, first + tables[e], hi[e], lo[e]);
      first += width;
    }
  }
}

function binary(child: Hash): BinaryHash {
  if (isBinary(child)) return child;
  const message = `child ${show(child?.name)} is not binary: its keys must be bit strings, so it needs a property bits of 1 to 64 and one key in each table`;
  throw new NearError("E_BAD_OPTION", message, { option: "children", child: child?.name });
}

function refuseEqualNames(children: readonly Hash[]): void {
  const names = new Set<string>();
  for (const { name } of children) {
    if (names.has(name)) throw new NearError("E_DUPLICATE_NAME", `two children are called ${show(name)}: give each its own name`, { name });
    names.add(name);
  }
}

/** The kinds that every child hashes. */
function commonKinds(children: readonly Hash[]): readonly Kind[] {
  const kinds = children[0].kinds.filter((kind) => children.every((child) => child.kinds.includes(kind)));
  if (kinds.length > 0) return kinds;
  throw new NearError("E_BAD_OPTION", "the children have no kind of vector in common: use children that hash the same kinds", {
    option: "children",
  });
}
