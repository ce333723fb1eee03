import { Controls, count, element, sayIn } from "./controls.js";
import { RACE, Race, type Raced } from "./race.js";
import { FAMILIES, familyOf, type Settings } from "./settings.js";

const LEARNED = "learned";

/** The second tab: engines over the same vectors, measured in this browser. */
export class RacePanel {
  readonly #controls = new Controls("#race-form");
  readonly #said = element("#race-said", HTMLElement);
  readonly #rows = element("#race-rows", HTMLElement);
  /** Made when it is first wanted: these are many vectors. */
  #race: Race | null = null;

  constructor() {
    const families = Object.entries(FAMILIES).map(([name, { label }]) => [name, label] as const);
    this.#controls.offer("family", { [LEARNED]: "learned from a recall", ...Object.fromEntries(families) });
    this.#controls.form.addEventListener("input", () => this.#show());
    this.#controls.button("run").addEventListener("click", () => void this.#run());
    this.#show();
  }

  get #learned(): boolean {
    return this.#controls.select("family").value === LEARNED;
  }

  #show(): void {
    this.#controls.show(this.#learned ? { knobs: ["recall"], mostBits: 24 } : familyOf(this.#controls.family), RACE.dim);
  }

  get #settings(): Settings | { readonly recall: number } {
    const controls = this.#controls;
    if (this.#learned) return { recall: controls.number("recall") };
    const { knobs } = familyOf(controls.family);
    return {
      family: controls.family,
      distance: "euclidean",
      bits: controls.number("bits"),
      width: controls.number("width"),
      lists: controls.number("lists"),
      minimum: controls.number("minimum"),
      tables: controls.number("tables"),
      probes: knobs.includes("probes") ? controls.number("probes") : 1,
      codes: knobs.includes("codes") && controls.checked("codes"),
      k: RACE.k,
      seed: 1,
    };
  }

  async #run(): Promise<void> {
    const button = this.#controls.button("run");
    const settings = this.#settings;
    const name = nameOf(settings);
    button.disabled = true;
    sayIn(this.#said, `Building ${name} and asking it …`);
    try {
      this.#race ??= new Race();
      const raced = await this.#race.run(settings);
      this.#add(name, raced);
      sayIn(this.#said, `${name}: ${count(raced.queriesPerSecond)} queries/s at recall ${raced.recall.toFixed(3)}.`);
    } catch (error) {
      sayIn(this.#said, error instanceof Error ? error.message : String(error), true);
    }
    button.disabled = false;
  }

  #add(name: string, { queriesPerSecond, recall, candidates, buildSeconds }: Raced): void {
    const row = document.createElement("tr");
    for (const text of [name, count(queriesPerSecond), recall.toFixed(3), count(candidates), `${buildSeconds.toFixed(2)} s`]) {
      row.insertCell().textContent = text;
    }
    this.#rows.prepend(row);
  }
}

function nameOf(settings: Settings | { readonly recall: number }): string {
  if (!("family" in settings)) return `learned, recall ${settings.recall}`;
  const { label, knobs } = familyOf(settings.family);
  const parts = knobs.filter((knob) => knob !== "codes").map((knob) => `${knob} ${settings[knob]}`);
  return [label, ...parts, ...(settings.codes ? ["codes"] : [])].join(", ");
}
