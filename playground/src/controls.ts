import { FAMILIES, type Family, type FamilyName, type Knob } from "./settings.js";

/** The element of this selector; an error where the page has none of this class. */
export function element<E extends Element>(selector: string, kind: new () => E, within: ParentNode = document): E {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** The controls of a form by their names. */
export class Controls {
  readonly form: HTMLFormElement;

  constructor(selector: string) {
    this.form = element(selector, HTMLFormElement);
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  input(name: string): HTMLInputElement {
    return element(`input[name=${name}]`, HTMLInputElement, this.form);
  }

  select(name: string): HTMLSelectElement {
    return element(`select[name=${name}]`, HTMLSelectElement, this.form);
  }

  button(name: string): HTMLButtonElement {
    return element(`button[name=${name}]`, HTMLButtonElement, this.form);
  }

  number(name: string): number {
    const { value, min } = this.input(name);
    return Number.isFinite(Number(value)) && value !== "" ? Number(value) : Number(min);
  }

  checked(name: string): boolean {
    return this.input(name).checked;
  }

  get family(): FamilyName {
    return this.select("family").value as FamilyName; // its options are the families
  }

  /** Fills a choice. */
  offer(name: string, options: Readonly<Record<string, string>>): void {
    this.select(name).replaceChildren(...Object.entries(options).map(([value, label]) => new Option(label, value)));
  }

  offerFamilies(): void {
    this.offer("family", Object.fromEntries(Object.entries(FAMILIES).map(([name, { label }]) => [name, label])));
  }

  /** Shows the knobs that matter, and what their values are. */
  show({ knobs, mostBits }: Pick<Family, "mostBits"> & { readonly knobs: readonly (Knob | "recall")[] }, dim: number): void {
    for (const label of this.form.querySelectorAll<HTMLElement>("[data-knob]")) {
      label.hidden = !knobs.some((knob) => knob === label.dataset["knob"]);
    }
    if (knobs.includes("bits")) this.input("bits").max = String(mostBits === 0 ? Math.min(dim, 24) : mostBits);
    for (const input of this.form.querySelectorAll<HTMLInputElement>("input[type=range]")) {
      const output = input.parentElement?.querySelector("output");
      if (output !== null && output !== undefined) output.value = input.value;
    }
  }
}

/** A line that says what happened, to those who look and to those who listen. */
export function sayIn(line: HTMLElement, text: string, wrong = false): void {
  line.classList.toggle("wrong", wrong);
  if (line.textContent !== text) line.textContent = text;
}

/** A count for people: `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
