import * as nearts from "nearts";
import { type Hash, type HashClass, NearError } from "nearts";
import { unknownName } from "../names.js";
import type { Point } from "./grid.js";

/** Makes a hash from a point of a grid; its `name`, and a `seed` where the point has none, are added. */
export interface HashMaker {
  readonly type: string;
  make(options: Point): Hash;
}

/** A class that makes hashes from one object of options, as all built-in ones do. */
export interface HashConstructor extends HashClass {
  new (options: never): Hash;
}

/** Every hash class that the library exports, by its name. */
export const builtinMakers: ReadonlyMap<string, HashMaker> = new Map(
  (Object.values(nearts) as readonly unknown[]).filter(isHashClass).map((made) => [made.type, strictMakerOf(made)]),
);

/** The maker of this name. E_BAD_OPTION with those that are written alike. */
export function builtinMaker(name: string): HashMaker {
  const found = builtinMakers.get(name);
  if (found === undefined) throw unknownName("a hash", name, [...builtinMakers.keys()]);
  return found;
}

/** Whether a value is a class of hashes. */
export function isHashClass(value: unknown): value is HashConstructor {
  if (typeof value !== "function" || !("type" in value) || typeof value.type !== "string") return false;
  const prototype: unknown = value.prototype;
  return typeof prototype === "object" && prototype !== null && "probes" in prototype && "keys" in prototype;
}

/** Makes hashes of a class; nested ones come as objects `{ "hash": name, … }`. */
export function makerOf(made: HashConstructor): HashMaker {
  // What it takes only it knows: it checks.
  return { type: made.type, make: (options) => new made(withNested(options) as never) };
}

/** As {@link makerOf}, for classes that take no notice of an option they do not know: it is refused. */
function strictMakerOf(made: HashConstructor): HashMaker {
  const make = (options: Point): Hash => {
    const taken = new Set<string>();
    const watched = new Proxy(withNested(options), {
      get: (target, name) => {
        taken.add(String(name));
        return Reflect.get(target, name) as unknown;
      },
    });
    const unknown = () => Object.keys(options).find((name) => !taken.has(name) && name !== "seed");
    try {
      const hash = new made(watched as never); // as above
      const wrong = unknown();
      if (wrong !== undefined) throw unknownName(`a parameter of ${made.type}`, wrong, [...taken]);
      return hash;
    } catch (error) {
      // What is missing is rather there under a name that was written wrong.
      const missing = [...taken].find((name) => options[name] === undefined && isAbout(error, name));
      const meant = missing === undefined ? undefined : unknown();
      throw meant === undefined ? error : unknownName(`a parameter of ${made.type}`, meant, [...taken]);
    }
  };
  return { type: made.type, make };
}

/** Whether an error complains of an option. */
function isAbout(error: unknown, option: string): boolean {
  return error instanceof NearError && error.code === "E_BAD_OPTION" && error.message.startsWith(`${option} is undefined`);
}

function withNested(options: Point): Readonly<Record<string, unknown>> {
  const { children } = options;
  return children === undefined ? options : { ...options, children: childrenOf(children, options) };
}

function childrenOf(value: unknown, { name, seed }: Point): Hash[] {
  const children: readonly unknown[] = Array.isArray(value) ? value : [value];
  return children.map((child, i) => {
    if (typeof child !== "object" || child === null || !("hash" in child) || typeof child.hash !== "string") {
      const message = 'children are hashes: { "hash": "RandomBinaryProjections", "projections": 14 }, or a list of such lists';
      throw new NearError("E_BAD_OPTION", message, { option: "children" });
    }
    const { hash, ...own } = child as Point & { hash: string };
    return builtinMaker(hash).make({
      name: `${typeof name === "string" ? name : hash}-${i}`,
      ...(seed === undefined ? {} : { seed }),
      ...own,
    });
  });
}
