import type { ConfigValue, HashConfig } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";

/**
 * What `make` makes of the values in a configuration of this type, version 1. E_CONFIG where the configuration is none, is of another type or
 * version, misses a value or has one of another form, and for every value that the made hash refuses as an option.
 */
export function fromValues<T>(config: HashConfig, type: string, make: (values: ConfigValues) => T): T {
  const values = new ConfigValues(config, type);
  try {
    return make(values);
  } catch (error) {
    if (!(error instanceof NearError) || !refusals.has(error.code)) throw error;
    throw new NearError("E_CONFIG", `${values.title}: ${error.message}`, error.details, { cause: error });
  }
}

/** The values of one configuration, each by its form. */
export class ConfigValues {
  /** How messages call the configuration. */
  readonly title: string;
  readonly #config: HashConfig;

  /** E_CONFIG unless it is a configuration of this type, version 1. */
  constructor(config: HashConfig, type: string) {
    this.#config = config;
    this.title = `configuration of a ${type}`;
    if (typeof config !== "object" || config === null) throw this.#wrong("configuration", config, "an object");
    this.title = `configuration of hash ${show(config.name)} (${type})`;
    if (config.type !== type) throw this.#wrong("type", config.type, JSON.stringify(type));
    if (config.version !== 1) throw this.#wrong("version", config.version, "1: a newer nearts may understand it");
  }

  text(field: string): string {
    const value = this.#config[field];
    return typeof value === "string" ? value : this.#refuse(field, "a text");
  }

  number(field: string): number {
    const value = this.#config[field];
    return typeof value === "number" ? value : this.#refuse(field, "a number");
  }

  flag(field: string): boolean {
    const value = this.#config[field];
    return typeof value === "boolean" ? value : this.#refuse(field, "true or false");
  }

  /** A safe integer or a text. */
  seed(): number | string {
    const value = this.#config["seed"];
    return typeof value === "string" || Number.isSafeInteger(value)
      ? (value as number | string)
      : this.#refuse("seed", "a safe integer or a text");
  }

  /** What vectors are multiplied by first: a number above 0, 1 where it is absent. */
  scale(): number {
    if (!this.has("scale")) return 1;
    const value = this.number("scale");
    return value > 0 && value < Number.POSITIVE_INFINITY ? value : this.#refuse("scale", "a number above 0");
  }

  /** Its dimension, absent where the hash was never opened. Its range is for the hash to check. */
  dim(): number | undefined {
    return this.#config.dim === undefined ? undefined : this.number("dim");
  }

  /** A copy of `length` finite float32 values. */
  floats(field: string, length: number): Float32Array {
    const value = this.#config[field];
    const expected = `a Float32Array of ${length} finite values`;
    if (!(value instanceof Float32Array) || value.length !== length) return this.#refuse(field, expected);
    const bad = value.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) throw this.#wrong(`${field}[${bad}]`, value[bad], expected);
    return value.slice();
  }

  /** A list of numbers, a copy. */
  numbers(field: string): number[] {
    const value = this.#config[field];
    const isList = Array.isArray(value) && value.every((each) => typeof each === "number");
    return isList ? [...(value as readonly number[])] : this.#refuse(field, "a list of numbers"); // as was just seen
  }

  has(field: string): boolean {
    return this.#config[field] !== undefined;
  }

  /** A list of configurations; what each holds is for its class to check. */
  configs(field: string): readonly HashConfig[] {
    const value = this.#config[field];
    return isConfigs(value) ? value : this.#refuse(field, "a list of configurations");
  }

  #refuse(field: string, expected: string): never {
    throw this.#wrong(field, this.#config[field], expected);
  }

  #wrong(field: string, got: unknown, expected: string): NearError {
    return new NearError("E_CONFIG", `${this.title}: ${field} is ${show(got)}, expected ${expected}`, { field, got, expected });
  }
}

/** Refusals of options, which are refusals of the configuration where the options came from one. */
const refusals: ReadonlySet<string> = new Set(["E_BAD_OPTION", "E_DUPLICATE_NAME", "E_LIMIT"]);

function isConfigs(value: ConfigValue | undefined): value is readonly HashConfig[] {
  return Array.isArray(value) && value.every((child) => typeof child === "object" && child !== null && !Array.isArray(child));
}
