/** Characters of a line of output, at most. */
export const WIDTH = 100;

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A count: `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A count with its noun: `1 row`, `12 rows`, `3 queries`. */
export function plural(value: number, noun: string): string {
  const many = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** A span of time: `40 ms`, `1.2 s`, `48 s`, `3 min 20 s`. */
export function span(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A part of a whole: `0.4 %`, `37 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value !== 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}

/** A distance with its leading digits: `0.0213`, `12.4`, `1830`. */
export function distance(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return value.toFixed(0);
  return size >= 1 ? value.toPrecision(4) : value.toFixed(4);
}

/** How many times as much: `2.4×`, `31×`. */
export function times(ratio: number): string {
  return `${ratio < 9.95 ? ratio.toFixed(1) : count(ratio)}×`;
}

/** A text cut in its middle to `width` characters, since both ends of a path say most. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = Math.ceil((width - 1) * 0.6);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Words in lines of at most `width` characters, the second and later ones indented. */
export function wrap(words: readonly string[], width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line.trim() !== "" && line.length + word.length > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
