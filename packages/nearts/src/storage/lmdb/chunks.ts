/** Rows whose ids, or bucket entries, are one record: enough that an index opens by few reads, few enough that a single row is soon written. */
export const chunkRows = 64;

/** The chunks that rows are in, ascending, each once. */
export function chunksOf(rows: Iterable<number>): number[] {
  const chunks = new Set<number>();
  for (const row of rows) chunks.add(Math.floor(row / chunkRows));
  return [...chunks].sort((a, b) => a - b);
}

/** How many chunks rows below `end` are in. */
export function chunksBelow(end: number): number {
  return Math.ceil(end / chunkRows);
}
