import type { HashConfig } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { fromValues } from "./hash-config.js";
import { PrincipalHead } from "./principal-head.js";

const type = "PrincipalHead";

/** Everything needed to make the same head again. */
export function headConfig(head: PrincipalHead): HashConfig {
  const { dim, size, scale } = head;
  const { origin, directions, unit } = head.parts;
  const scaled = scale === 1 ? {} : { scale };
  return { type, version: 1, name: "head", dim, size, unit, ...scaled, origin: origin.slice(), directions: directions.slice() };
}

/** Heads by the configuration that they were made from. */
const made = new WeakMap<HashConfig, PrincipalHead>();

/** The head of a configuration, the same for the same object: a hash and its codes then map a query once. E_CONFIG where it is none. */
export function headFromConfig(config: HashConfig): PrincipalHead {
  const known = typeof config === "object" && config !== null ? made.get(config) : undefined;
  if (known !== undefined) return known;
  const head = headOf(config);
  made.set(config, head);
  return head;
}

function headOf(config: HashConfig): PrincipalHead {
  return fromValues(config, type, (values) => {
    const [dim, size] = [values.dim() ?? 0, values.number("size")];
    if (!(Number.isInteger(dim) && dim >= 1 && Number.isInteger(size) && size >= 1 && size <= dim)) {
      throw new NearError("E_CONFIG", `a head has ${show(size)} directions of ${show(dim)} values, expected 1 to as many as values`, {
        dim,
        size,
      });
    }
    return new PrincipalHead({
      origin: values.floats("origin", dim),
      directions: values.floats("directions", size * dim),
      unit: values.flag("unit"),
      scale: values.scale(),
    });
  });
}
