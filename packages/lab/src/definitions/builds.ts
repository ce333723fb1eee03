import { dirname, resolve } from "node:path";
import { type Hash, NearError } from "nearts";
import type { Build, Way } from "./definition.js";
import { fault, type Place, type Source } from "./fault.js";
import { type Grid, type Point, pointCount, pointsOf } from "./grid.js";
import { builtinMaker, type HashMaker, isHashClass, makerOf } from "./hash-makers.js";
import { isModulePath, loadModule } from "./modules.js";
import type { WrittenEngine } from "./schema.js";

/** Engines times ways of asking, all together: more is a slip of the pen. */
const mostTrials = 10_000;

/** Every engine with every choice from its grid, in order. Each hash is made once, so that what it refuses is refused now. */
export async function buildsOf(engines: readonly WrittenEngine[], seed: number, source: Source): Promise<Build[]> {
  const builds: Build[] = [];
  let trials = 0;
  for (const [i, engine] of engines.entries()) {
    const place: Place = ["engines", i];
    if (engines.findIndex(({ name }) => name === engine.name) !== i)
      throw fault(source, [...place, "name"], `there are two engines ${JSON.stringify(engine.name)}: give each its own name`);
    trials += trialsOf(engine, place, source);
    if (trials > mostTrials)
      throw fault(source, place, `the grids up to this one have ${trials} points, at most ${mostTrials} are tried: give fewer values`);
    builds.push(...(await buildsOfOne(engine, seed, place, source)));
  }
  return builds;
}

/** How often an engine is tried. */
function trialsOf({ parameters, query, ...engine }: WrittenEngine, place: Place, source: Source): number {
  const none = Object.keys(parameters).find((name) => pointCount({ [name]: parameters[name] }) === 0);
  if (none === undefined) return pointCount(parameters) * pointCount(ownOf(engine)) * pointCount(given(query));
  throw fault(source, [...place, "parameters", none], `${none} has no value to try: give one, or a list of some`);
}

async function buildsOfOne(engine: WrittenEngine, seed: number, place: Place, source: Source): Promise<Build[]> {
  const { name, hash, parameters, query, diagnose } = engine;
  const maker = hash === undefined ? undefined : await makerFor(hash, [...place, "hash"], source);
  if (maker === undefined && Object.keys(parameters).length > 0)
    throw fault(source, [...place, "parameters"], "parameters are those of a hash, and there is none: name one", "key");
  const own = ownOf(engine);
  const ways: readonly Way[] = pointsOf(given(query));
  return pointsOf(parameters).flatMap((point) => {
    const made = maker === undefined ? {} : hashOf(maker, point, name, seed, place, source);
    return pointsOf(own).map((choice) => ({
      engine: name,
      parameters: { ...(maker === undefined ? {} : { hash: maker.type }), ...point, ...choice },
      ...made,
      ...(choice as Pick<Build, "codes" | "guarantee" | "recall" | "vectors">), // the schema has looked at their values
      diagnose,
      ways,
    }));
  });
}

/** What an engine is made of beside its hash. */
function ownOf({ codes, vectors, recall, guarantee }: Pick<WrittenEngine, "codes" | "guarantee" | "recall" | "vectors">): Grid {
  return given({ codes, vectors, recall, guarantee });
}

/** Those that were given. */
function given(settings: Readonly<Record<string, unknown>>): Grid {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Grid; // values of JSON, by the schema
}

/** How the hash of one point is made, after it was made once. */
function hashOf(
  maker: HashMaker & { readonly code?: string },
  point: Point,
  name: string,
  seed: number,
  place: Place,
  source: Source,
): Pick<Build, "hash" | "code"> {
  const hash = (): Hash => maker.make({ name, seed, ...point });
  try {
    hash();
  } catch (error) {
    if (!(error instanceof NearError)) throw error;
    const option = String(error.details["option"] ?? error.details["got"]);
    const at = Object.hasOwn(point, option) ? [...place, "parameters", option] : [...place, "hash"];
    throw fault(source, at, error.message, error.details["option"] === undefined ? "key" : "value", error);
  }
  return { hash, ...(maker.code === undefined ? {} : { code: maker.code }) };
}

async function makerFor(hash: unknown, place: Place, source: Source): Promise<HashMaker & { readonly code?: string }> {
  if (isHashClass(hash)) return { ...makerOf(hash), code: String(hash) };
  if (typeof hash === "string" && isModulePath(hash)) {
    const { exports, hash: code } = await loadModule(resolve(dirname(source.file), hash));
    const found = Object.values(exports).find(isHashClass);
    if (found !== undefined) return { ...makerOf(found), code };
    throw fault(
      source,
      place,
      `${JSON.stringify(hash)} exports no class of hashes: one with a static \`type\`, and \`keys\` and \`probes\``,
    );
  }
  try {
    return builtinMaker(String(hash));
  } catch (error) {
    if (!(error instanceof NearError)) throw error;
    throw fault(source, place, error.message, "value", error);
  }
}
