import { Probes } from "nearts";
import { type Cells, cellsOf } from "./cells.js";
import { Controls, count, element, sayIn } from "./controls.js";
import { pointsOfCsv } from "./csv.js";
import { Picture } from "./picture.js";
import { pointAt } from "./pointer.js";
import { besidePoints, type Points, PRESETS, type PresetName, presetPoints, withoutPoint, withPoint } from "./points.js";
import { type Answer, Scene } from "./scene.js";
import { familyOf, type Settings } from "./settings.js";

/** Milliseconds without a change before words follow the picture: nobody listens to sixty sentences a second. */
const QUIET = 300;
const QUERIES = 100;
/** How far an arrow key moves the query, alone and with Shift. */
const STEP = 0.01;
const LEAP = 0.1;
/** What is drawn where the library refuses the settings. */
const NOTHING: Answer = {
  probes: new Probes(),
  candidates: new Uint32Array(0),
  survivors: new Uint32Array(0),
  found: [],
  truth: [],
  missed: [],
  recall: 0,
};

/** The first tab: points of the plane, a query, and all that the engine does to answer it. */
export class Plane {
  readonly #controls = new Controls("#plane-form");
  readonly #canvas = element("#plane", HTMLCanvasElement);
  readonly #picture = new Picture(this.#canvas);
  readonly #said = element("#plane-said", HTMLElement);
  #points: Points;
  #query: readonly [x: number, y: number] = [0.3, 0.2];
  #scene: Scene | null = null;
  #cells: Cells | null = null;
  /** What the next frame has to do: make the index anew, or only ask. */
  #wanted: "build" | "ask" | null = null;
  #busy = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#controls.offer("preset", PRESETS);
    this.#controls.offerFamilies();
    this.#points = this.#preset();
    this.#listen();
    this.#want("build");
  }

  get #settings(): Settings {
    const controls = this.#controls;
    const { knobs } = familyOf(controls.family);
    return {
      family: controls.family,
      distance: controls.select("distance").value === "cosine" ? "cosine" : "euclidean",
      bits: controls.number("bits"),
      width: controls.number("width"),
      lists: controls.number("lists"),
      minimum: controls.number("minimum"),
      tables: controls.number("tables"),
      probes: knobs.includes("probes") ? controls.number("probes") : 1,
      codes: knobs.includes("codes") && controls.checked("codes"),
      k: controls.number("k"),
      seed: controls.number("seed"),
    };
  }

  #preset(): Points {
    const { number, select } = { number: (name: string) => this.#controls.number(name), select: this.#controls.select("preset") };
    return presetPoints(select.value as PresetName, number("count"), number("seed")); // its options are the presets
  }

  #listen(): void {
    const { form } = this.#controls;
    form.addEventListener("input", ({ target }) => {
      const name = target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.name : "";
      if (name === "csv" || name === "click") return;
      if (["preset", "count", "seed"].includes(name)) this.#points = this.#preset();
      this.#want("build");
    });
    this.#controls.input("csv").addEventListener("change", () => void this.#openCsv());
    this.#controls
      .button("clear")
      .addEventListener("click", () => this.#replace({ kind: "dense", dim: 2, count: 0, values: new Float32Array(0) }));
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#click(pointAt(this.#canvas, event));
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      if (event.buttons !== 0 && this.#clickDoes() === "move") this.#move(pointAt(this.#canvas, event));
    });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#picture.recolour();
      this.#want("ask");
    });
  }

  #clickDoes(): string {
    return this.#controls.select("click").value;
  }

  #click(at: readonly [number, number]): void {
    const does = this.#clickDoes();
    if (does === "add") this.#replace(withPoint(this.#points, at));
    else if (does === "remove") this.#replace(withoutPoint(this.#points, at));
    else this.#move(at);
  }

  #key(event: KeyboardEvent): void {
    const by = event.shiftKey ? LEAP : STEP;
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-by, 0],
      ArrowRight: [by, 0],
      ArrowUp: [0, by],
      ArrowDown: [0, -by],
    };
    const [x, y] = this.#query;
    if (Object.hasOwn(steps, event.key)) this.#move([x + steps[event.key][0], y + steps[event.key][1]]);
    else if (event.key === "Enter") this.#replace(withPoint(this.#points, this.#query));
    else if (event.key === "Delete") this.#replace(withoutPoint(this.#points, this.#query));
    else return;
    event.preventDefault();
  }

  #move([x, y]: readonly [number, number]): void {
    this.#query = [Math.max(-1, Math.min(1, x)), Math.max(-1, Math.min(1, y))];
    this.#want("ask");
  }

  #replace(points: Points): void {
    this.#points = points;
    this.#want("build");
  }

  async #openCsv(): Promise<void> {
    const [file] = this.#controls.input("csv").files ?? [];
    if (file === undefined) return;
    try {
      this.#replace(pointsOfCsv(await file.text()));
    } catch (error) {
      sayIn(this.#said, `${file.name}: ${messageOf(error)}`, true);
    }
  }

  /** Sees to it that the next frame does what is wanted: however many events come, there is one answer a frame. */
  #want(what: "build" | "ask"): void {
    if (this.#wanted !== "build") this.#wanted = what;
    if (this.#busy) return;
    this.#busy = true;
    requestAnimationFrame(() => void this.#frame());
  }

  async #frame(): Promise<void> {
    const build = this.#wanted === "build";
    this.#wanted = null;
    try {
      if (build) await this.#build();
      await this.#ask();
    } catch (error) {
      clearTimeout(this.#quiet);
      this.#draw(NOTHING);
      sayIn(this.#said, messageOf(error), true);
    }
    this.#busy = false;
    if (this.#wanted !== null) this.#want(this.#wanted);
  }

  async #build(): Promise<void> {
    const settings = this.#settings;
    const family = familyOf(settings.family);
    this.#controls.show(family, 2);
    this.#scene = null;
    this.#cells = null;
    this.#scene = await Scene.of(this.#points, settings);
    const { hash } = this.#scene;
    const table = this.#controls.input("table");
    table.max = String(hash?.tables ?? 1);
    this.#cells = hash === null ? null : cellsOf(hash, Math.min(this.#controls.number("table"), hash.tables) - 1);
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#quiet);
    if (this.#scene === null) return this.#draw(NOTHING);
    const answer = await this.#scene.ask(Float32Array.from(this.#query));
    this.#draw(answer);
    this.#quiet = setTimeout(() => void this.#sum(answer), QUIET);
  }

  #draw(answer: Answer): void {
    this.#picture.draw({ points: this.#points, cells: this.#cells, answer, query: this.#query });
    this.#canvas.dataset["frames"] = String(Number(this.#canvas.dataset["frames"] ?? 0) + 1);
    this.#showNumbers(answer);
  }

  #showNumbers(answer: Answer): void {
    const { probes, candidates, survivors, recall } = answer;
    put("n-recall", recall.toFixed(2));
    put("n-candidates", ofAll(candidates.length, this.#points.count));
    put("n-measured", ofAll(survivors.length, this.#points.count));
    put("n-buckets", probes.count === 0 && candidates.length > 0 ? "all" : count(probes.count));
  }

  /** What takes longer than a frame: the means of many queries, and words. */
  async #sum(answer: Answer): Promise<void> {
    const scene = this.#scene;
    if (scene === null || this.#points.count === 0) return;
    const { found, truth, missed, candidates } = answer;
    element("#neighbours", HTMLElement).replaceChildren(
      ...found.map(({ id, distance }) => {
        const item = document.createElement("li");
        item.textContent = `point ${id} at ${distance.toFixed(4)}`;
        return item;
      }),
    );
    const [x, y] = this.#query.map((value) => value.toFixed(2));
    sayIn(
      this.#said,
      `Query at ${x}, ${y}: ${truth.length - missed.length} of ${truth.length} neighbours found among ${count(candidates.length)} candidates.`,
    );
    const mean = await scene.average(besidePoints(this.#points, QUERIES, scene.settings.seed));
    if (scene !== this.#scene) return;
    put("n-mean-recall", mean.recall.toFixed(3));
    put("n-mean-candidates", ofAll(mean.candidates, this.#points.count));
  }
}

function put(id: string, text: string): void {
  element(`#${id}`, HTMLElement).textContent = text;
}

function ofAll(part: number, all: number): string {
  return `${count(part)} (${all === 0 ? 0 : Math.round((100 * part) / all)} %)`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
