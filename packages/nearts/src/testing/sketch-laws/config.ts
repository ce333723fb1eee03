import { Keys } from "../../core/columns.js";
import type { HashConfig } from "../../core/contracts.js";
import { expectRefusal, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { codesOf, listCodes, normalRows, opened, type SketchSubject } from "./subject.js";

/** What opening and configurations of sketches promise. */
export const sketchConfigLaws: readonly Law<SketchSubject>[] = [
  { name: "it says what it is: name, groups, and the type of its class", check: introduces },
  { name: "its configuration makes the same sketch again, bit for bit", check: roundTrips },
  { name: "its configuration owns its arrays, and a sketch made from one its own", check: owns },
  { name: "another dimension or kind is refused with E_CONFIG and changes nothing", check: refusesShape },
  { name: "a configuration of another version or with nonsense in it is refused with E_CONFIG", check: refusesNonsense },
];

function introduces(subject: SketchSubject): void {
  const sketch = opened(subject);
  const config = sketch.config();
  expectThat(sketch.name.length > 0, "name", sketch.name, "a text that is not empty");
  expectSame(config.type, subject.type, "type in its configuration");
  expectSame(config.dim, subject.dim, "dim in its configuration, opened");
  expectThat(Number.isInteger(sketch.groups) && sketch.groups >= 1, "groups", sketch.groups, "an integer of at least 1");
}

function roundTrips(subject: SketchSubject): void {
  const rows = normalRows(subject, 70, 1);
  const sketch = opened(subject);
  const codes = listCodes(codesOf(subject, sketch, rows));
  const again = opened(subject, subject.dim, subject.fromConfig(structuredClone(sketch.config()), subject.dim));
  expectSame(again.config(), sketch.config(), "configuration after structuredClone");
  expectSame(again.groups, sketch.groups, "groups after structuredClone");
  expectSame(listCodes(codesOf(subject, again, rows)), codes, "codes after structuredClone");
}

function owns(subject: SketchSubject): void {
  const rows = normalRows(subject, 20, 1);
  const sketch = opened(subject);
  const codes = listCodes(codesOf(subject, sketch, rows));
  const before = structuredClone(sketch.config());
  zeroArrays(sketch.config());
  expectSame(sketch.config(), before, "its configuration after the arrays of an earlier one were overwritten");
  const given = structuredClone(before);
  const again = opened(subject, subject.dim, subject.fromConfig(given, subject.dim));
  zeroArrays(given);
  expectSame(again.config(), before, "configuration of a sketch made from one whose arrays were then overwritten");
  expectSame(listCodes(codesOf(subject, again, rows)), codes, "codes of that sketch");
}

async function refusesShape(subject: SketchSubject): Promise<void> {
  const rows = normalRows(subject, 20, 1);
  const sketch = opened(subject);
  const codes = listCodes(codesOf(subject, sketch, rows));
  await expectRefusal("E_CONFIG", () => sketch.open({ kind: subject.kind, dim: subject.dim + 1 }), "opening for one dimension more");
  await expectRefusal("E_CONFIG", () => sketch.open({ kind: "set", dim: subject.dim }), "opening for sets");
  await expectRefusal(
    "E_DIM_MISMATCH",
    () => codesOf(subject, sketch, normalRows(subject, 1, 1, subject.dim + 1), oneKey()),
    "a longer row",
  );
  expectSame(listCodes(codesOf(subject, sketch, rows)), codes, "codes after the refusals");
}

async function refusesNonsense(subject: SketchSubject): Promise<void> {
  const config = opened(subject).config();
  const make = (changed: unknown) => subject.fromConfig(changed as HashConfig, subject.dim); // what the types forbid is what a file may hold
  for (const version of [0, config.version + 1, "1", undefined]) {
    await expectRefusal("E_CONFIG", () => make({ ...config, version }), `a configuration of version ${version}`);
  }
  for (const field of Object.keys(config)) {
    for (const value of [{ no: "sense" }, Number.NaN]) {
      await expectRefusal("E_CONFIG", () => make({ ...config, [field]: value }), `a configuration whose ${field} makes no sense`);
    }
  }
}

function oneKey() {
  const keys = new Keys();
  keys.add(0, 0, 0, 0);
  return keys;
}

function zeroArrays(config: HashConfig): void {
  for (const value of Object.values(config)) if (value instanceof Float32Array || value instanceof Uint32Array) value.fill(0);
}
