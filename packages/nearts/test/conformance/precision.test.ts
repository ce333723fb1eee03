import { test } from "vitest";
import type { Precision, Schema } from "../../src/core/contracts.js";
import { MemoryStorage } from "../../src/index.js";
import { storageSuite } from "../../src/testing/index.js";

for (const precision of ["f16", "i8"] as const) {
  storageSuite({
    test,
    title: `MemoryStorage of ${precision}`,
    kinds: ["dense"],
    precision,
    rows: 1100,
    limited: (maxBytes) => new PreciseStorage(precision, maxBytes),
    create: () => new PreciseStorage(precision),
  });
}

/** A storage that keeps vectors with a precision whoever opens it. */
class PreciseStorage extends MemoryStorage {
  readonly #precision: Precision;

  constructor(precision: Precision, maxBytes = Number.POSITIVE_INFINITY) {
    super({ maxBytes });
    this.#precision = precision;
  }

  override open(schema: Schema): Schema {
    return super.open({ ...schema, fields: schema.fields.map((field) => ({ ...field, precision: this.#precision })) });
  }
}
