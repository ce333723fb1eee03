/**
 * The words of a line as a shell has them: white space parts them, quotes of either kind hold them together, a backslash outside of single quotes takes
 * the next character as it is. Null where a quote is not closed.
 */
export function tokensOf(line: string): string[] | null {
  const tokens: string[] = [];
  let token: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (char === "'" || char === '"') {
      const close = closing(line, at);
      if (close < 0) return null;
      const inside = line.slice(at + 1, close);
      token = (token ?? "") + (char === '"' ? inside.replace(/\\(["\\])/g, "$1") : inside);
      at = close;
    } else if (/\s/.test(char)) {
      if (token !== null) tokens.push(token);
      token = null;
    } else {
      if (char === "\\") at++;
      token = (token ?? "") + (line[at] ?? "");
    }
  }
  if (token !== null) tokens.push(token);
  return tokens;
}

/** Where the quote that opens at `from` closes; −1 where it does not. */
function closing(line: string, from: number): number {
  const quote = line[from];
  for (let at = from + 1; at < line.length; at++) {
    if (quote === '"' && line[at] === "\\") at++;
    else if (line[at] === quote) return at;
  }
  return -1;
}
