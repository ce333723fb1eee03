import { styleText } from "node:util";

/** Whether standard output shows colours: a terminal, and NO_COLOR unset (no-color.org). */
const colours = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";

/** Text that stands out. */
export function bold(text: string): string {
  return colours && text !== "" ? styleText("bold", text) : text;
}

/** Text that explains. */
export function dim(text: string): string {
  return colours && text !== "" ? styleText("dim", text) : text;
}

/** Text to look at first. */
export function accent(text: string): string {
  return colours ? styleText("cyan", text) : text;
}

/** A heading with its line, as wide as the output may be. */
export function heading(text: string): string {
  return `\n${bold(accent(text))}`;
}
