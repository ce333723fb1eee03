import type { Hash, HashClass } from "../core/contracts.js";
import { hashFromConfig } from "../index.js";
import { configLaws } from "./hash-laws/config.js";
import { keyLaws } from "./hash-laws/keys.js";
import { probeLaws } from "./hash-laws/probes.js";
import { storedLaws } from "./hash-laws/stored.js";
import type { HashSubject } from "./hash-laws/subject.js";
import { checkSkips, register, type Skip, type Test } from "./laws.js";

/** What {@link hashSuite} is given. */
export interface HashSuiteOptions {
  /** `test` of the runner. */
  readonly test: Test;
  /** A new instance, the same options and seed each time, trained where it must be, not opened. */
  readonly create: () => Hash;
  /** Its class. */
  readonly hashClass: HashClass;
  /** Classes of the hashes that it is composed of, where they are not built in. */
  readonly plugins?: readonly HashClass[];
  /** Dimension of the vectors it is tested with (24). */
  readonly dim?: number;
  /** How the titles of the tests begin; the name of the class when not given. */
  readonly title?: string;
  /** Laws known not to hold, with reasons. */
  readonly skip?: readonly Skip[];
}

/** Every law that a hash is held to, in the order of the tests. */
const laws = [...configLaws, ...keyLaws, ...probeLaws, ...storedLaws];

/** Registers a test for each promise of the contract of hashes, for each kind of vector that the hash takes. */
export function hashSuite(options: HashSuiteOptions): void {
  const { test, create, hashClass, plugins = [], dim = 24, title = hashClass.type, skip = [] } = options;
  checkSkips(skip, laws);
  for (const kind of create().kinds) {
    const subject: HashSubject = { kind, dim, create, hashClass, revive: (config) => hashFromConfig(config, [hashClass, ...plugins]) };
    register(test, `${title} (${kind})`, laws, subject, skip);
  }
}
