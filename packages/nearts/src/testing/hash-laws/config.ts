import type { ConfigValue, Hash, HashConfig } from "../../core/contracts.js";
import { show } from "../../core/errors.js";
import type { Kind } from "../../core/rows.js";
import { BrokenLaw, expectRefusal, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { type HashSubject, keysOf, listKeys, opened, sample } from "./subject.js";

/** What opening and configurations promise. */
export const configLaws: readonly Law<HashSubject>[] = [
  { name: "it says what it is: name, kinds, tables, and the type of its class", check: introduces },
  { name: "its configuration makes the same hash again, bit for bit", check: roundTrips },
  { name: "its configuration owns its arrays, and a hash made from one its own", check: owns },
  { name: "another dimension is refused with E_CONFIG and changes nothing", check: refusesDimension },
  { name: "a kind that it does not hash is refused with E_CONFIG", check: refusesKind },
  { name: "a configuration of another version is refused with E_CONFIG", check: refusesVersion },
  { name: "a configuration with a value that means nothing is refused with E_CONFIG", check: refusesNonsense },
];

function introduces(subject: HashSubject): void {
  const hash = opened(subject);
  const config = hash.config();
  expectThat(hash.name.length > 0, "name", hash.name, "a text that is not empty");
  expectSame(config.name, hash.name, "name in its configuration");
  expectSame(config.type, subject.hashClass.type, "type in its configuration");
  expectSame(config.dim, subject.dim, "dim in its configuration, opened");
  expectThat(hash.kinds.includes(subject.kind), "kinds", hash.kinds.join(), subject.kind);
  expectThat(Number.isInteger(hash.tables) && hash.tables >= 1, "tables", hash.tables, "an integer of at least 1");
  const { keysPerTable = 1 } = hash;
  expectThat(Number.isInteger(keysPerTable) && keysPerTable >= 1, "keysPerTable", keysPerTable, "an integer of at least 1");
}

function roundTrips(subject: HashSubject): void {
  const rows = sample(subject);
  const hash = opened(subject);
  const config = hash.config();
  const keys = listKeys(keysOf(hash, rows));
  const same = (copy: HashConfig, how: string) => {
    const again = opened(subject, subject.revive(copy));
    expectSame(again.config(), config, `configuration after ${how}`);
    expectSame(again.tables, hash.tables, `tables after ${how}`);
    expectSame(listKeys(keysOf(again, rows)), keys, `keys after ${how}`);
  };
  same(structuredClone(config), "structuredClone");
  same(throughJson(config), "JSON and typed arrays");
  same(structuredClone(subject.create().config()), "structuredClone of a hash that was never opened");
}

function owns(subject: HashSubject): void {
  const rows = sample(subject);
  const hash = opened(subject);
  const keys = listKeys(keysOf(hash, rows));
  const before = structuredClone(hash.config());
  zeroArrays(hash.config());
  expectSame(hash.config(), before, "its configuration after the arrays of an earlier one were overwritten");
  expectSame(listKeys(keysOf(hash, rows)), keys, "keys after that");
  const given = structuredClone(before);
  const again = opened(subject, subject.revive(given));
  zeroArrays(given);
  expectSame(again.config(), before, "configuration of a hash made from one whose arrays were then overwritten");
  expectSame(listKeys(keysOf(again, rows)), keys, "keys of that hash");
}

async function refusesDimension(subject: HashSubject): Promise<void> {
  const rows = sample(subject, 20);
  const hash = opened(subject);
  const keys = listKeys(keysOf(hash, rows));
  const other = { kind: subject.kind, dim: subject.dim + 1 };
  await expectRefusal("E_CONFIG", () => hash.open(other), `opening for ${other.dim} dimensions after ${subject.dim}`);
  expectSame(listKeys(keysOf(hash, rows)), keys, "keys after the refusal");
  const again = subject.revive(structuredClone(hash.config()));
  await expectRefusal("E_CONFIG", () => again.open(other), `opening for ${other.dim} dimensions with a configuration of ${subject.dim}`);
}

async function refusesKind(subject: HashSubject): Promise<void> {
  const { kinds } = subject.create();
  for (const kind of ["dense", "sparse", "bits", "set"] satisfies Kind[]) {
    if (!kinds.includes(kind))
      await expectRefusal("E_CONFIG", () => subject.create().open({ kind, dim: subject.dim }), `opening for ${kind} vectors`);
  }
}

async function refusesVersion(subject: HashSubject): Promise<void> {
  const config = opened(subject).config();
  for (const version of [0, config.version + 1, 999, "1", undefined, null]) {
    // What the types forbid is what a file may hold.
    await expectRefusal(
      "E_CONFIG",
      () => make(subject, { ...config, version } as unknown as HashConfig),
      `a configuration of version ${version}`,
    );
  }
}

async function refusesNonsense(subject: HashSubject): Promise<void> {
  const config = opened(subject).config();
  for (const field of Object.keys(config)) {
    if (field === "type" || field === "version") continue;
    for (const value of [{ no: "sense" }, Number.NaN]) {
      // What the types forbid is what a file may hold.
      await expectRefusal(
        "E_CONFIG",
        () => make(subject, { ...config, [field]: value }),
        `a configuration whose ${field} is ${show(value)}`,
      );
    }
  }
}

/** The hash that the subject's class makes of a configuration. */
function make({ hashClass, revive }: HashSubject, config: HashConfig): Hash {
  return hashClass.fromConfig(config, revive);
}

type Encoded = { readonly array: string; readonly values: readonly string[] };

/** A configuration as JSON would carry it, typed arrays as their type and values. Throws for what is neither. */
function throughJson(config: HashConfig): HashConfig {
  const text = JSON.stringify(config, (_key, value: ConfigValue | undefined) => encode(value));
  return JSON.parse(text, (_key, value: unknown) =>
    isEncoded(value) ? arrays[value.array](value.values.map(Number)) : value,
  ) as HashConfig; // what went in was one
}

const arrays: Readonly<Record<string, (values: readonly number[]) => Float32Array | Float64Array | Uint32Array>> = {
  Float32Array: (values) => Float32Array.from(values),
  Float64Array: (values) => Float64Array.from(values),
  Uint32Array: (values) => Uint32Array.from(values),
};

function encode(value: ConfigValue | undefined): unknown {
  if (ArrayBuffer.isView(value))
    return { array: value.constructor.name, values: Array.from(value as Float32Array, digits) } satisfies Encoded; // all three hold numbers
  if (typeof value === "number" && !Number.isFinite(value))
    throw new BrokenLaw("a number in the configuration", value, "what JSON can carry");
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new BrokenLaw("a value in the configuration", value, "plain JSON, Float32Array, Float64Array or Uint32Array");
  }
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint")
    throw new BrokenLaw("a value in the configuration", value, "plain JSON");
  return value;
}

/** Text that `Number` reads back as the same number, which JSON does not do for −0. */
function digits(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function isEncoded(value: unknown): value is Encoded {
  return typeof value === "object" && value !== null && "array" in value && typeof value.array === "string" && value.array in arrays;
}

function zeroArrays(value: unknown): void {
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Uint32Array) value.fill(0);
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) zeroArrays(part);
}
