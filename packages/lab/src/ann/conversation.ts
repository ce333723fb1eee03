import type { Engine, Kind, VectorInput } from "nearts";
import { NearError } from "nearts";
import { Points, type PointType, pointOf } from "./points.js";
import { countOf, engineFor, pointTypeOf, type Settings, setOption, shareOf, usualSettings } from "./settings.js";
import { tokensOf } from "./tokens.js";

/** A query that was made ready, and what came of it. */
interface Prepared {
  readonly vectors: readonly VectorInput[];
  readonly k: number;
}

/** What the runner may switch on before it sends points. */
const frontends = ["prepared-queries", "batch-queries", "query-parameters"] as const;

/**
 * The program's side of the line protocol of ann-benchmarks (protocol/PROTOCOL.md): options, an empty line, points, an empty line, queries. Each line is answered
 * by one that begins with "ok" or "fail", followed by the results where there are some; what went wrong is told on the side.
 */
export class Conversation {
  readonly #tell: (sentence: string) => void;
  readonly #settings: Settings = usualSettings();
  readonly #frontends = new Set<string>();
  #points: Points | null = null;
  #type: PointType = "float";
  #engine: Engine<unknown, Kind> | null = null;
  #probes: number | undefined;
  #prepared: Prepared | null = null;

  constructor(tell: (sentence: string) => void) {
    this.#tell = tell;
  }

  /** The lines that answer one. */
  async answer(line: string): Promise<string[]> {
    try {
      const tokens = tokensOf(line);
      if (tokens === null) throw new NearError("E_BAD_OPTION", "a line has a quote that is not closed");
      if (this.#engine !== null) return await this.#ask(tokens);
      return this.#points === null ? this.#configure(tokens) : await this.#learn(this.#points, tokens);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
      return ["fail"];
    }
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }

  #configure(tokens: readonly string[]): string[] {
    if (tokens.length === 0) {
      this.#type = pointTypeOf(this.#settings.distance);
      this.#points = new Points(this.#type);
      return ["ok"];
    }
    const [name, option, value] = tokens;
    if (name === "frontend" && tokens.length === 3) {
      if (!frontends.some((known) => known === option)) throw new NearError("E_BAD_OPTION", `there is no frontend option ${option}`);
      if (value === "1") this.#frontends.add(option);
      else this.#frontends.delete(option);
      return ["ok"];
    }
    if (tokens.length !== 2) throw new NearError("E_BAD_OPTION", `an option has a name and a value, ${tokens.length} words were given`);
    setOption(this.#settings, name, option);
    return ["ok"];
  }

  async #learn(points: Points, tokens: readonly string[]): Promise<string[]> {
    if (tokens.length > 1) throw new NearError("E_BAD_VECTOR", `a point is one word in quotes, ${tokens.length} were given`);
    if (tokens.length === 1) {
      points.add(tokens[0]);
      return ["ok"];
    }
    const rows = points.rows();
    const engine = engineFor(this.#settings, rows.dim);
    await engine.storeManyVectors(rows);
    if (this.#type === "float" && this.#settings.recall < 1) await engine.train();
    this.#engine = engine;
    return ["ok"];
  }

  async #ask(tokens: readonly string[]): Promise<string[]> {
    const [first] = tokens;
    if (first === "query-params" && this.#frontends.has("query-parameters")) return this.#reconfigure(tokens.slice(1));
    if (first === "query" && tokens.length === 1 && this.#prepared !== null) return this.#run(this.#prepared);
    if (tokens.length < 2) throw new NearError("E_BAD_VECTOR", "a query is a point in quotes and how many neighbours it wants");
    const k = countOf("the number of neighbours", tokens[tokens.length - 1]);
    const prepared = { vectors: tokens.slice(0, -1).map((token) => pointOf(token, this.#type)), k };
    const batch = this.#frontends.has("batch-queries");
    if (prepared.vectors.length > 1 && !batch)
      throw new NearError("E_BAD_VECTOR", `${prepared.vectors.length} points in one query, expected 1`);
    if (!batch && !this.#frontends.has("prepared-queries")) return this.#run(prepared);
    this.#prepared = prepared;
    return ["ok"];
  }

  async #run({ vectors, k }: Prepared): Promise<string[]> {
    const engine = this.#engine;
    if (engine === null) throw new NearError("E_FAILED", "there is no index yet");
    const options = { k, ...(this.#probes !== undefined && { probes: this.#probes }) };
    const found = await Promise.all(vectors.map((vector) => engine.neighbours(vector, options)));
    const lines = found.flatMap((neighbours) => [`ok ${neighbours.length}`, ...neighbours.map(({ id }) => String(id))]);
    return this.#frontends.has("batch-queries") ? ["ok", ...lines] : lines;
  }

  /** `<value> set`: the recall that queries are to have, or how many buckets they read per table where a hash was chosen. */
  async #reconfigure(words: readonly string[]): Promise<string[]> {
    const engine = this.#engine;
    if (engine === null || words.length !== 2 || words[1] !== "set")
      throw new NearError("E_BAD_OPTION", `query-params takes one value and the word set, got ${words.join(" ")}`);
    if (this.#type === "float") await engine.tune({ recall: shareOf(words[0]) });
    else this.#probes = countOf("probes", words[0]);
    return ["ok"];
  }
}
