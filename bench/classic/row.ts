/** One line of a benchmark's result; null where it does not apply. */
export interface BenchRow {
  readonly system: string;
  readonly set: string;
  readonly parameters: string;
  readonly recall: number | null;
  readonly qps: number | null;
  readonly storedPerSecond: number | null;
  readonly bytesPerVector: number | null;
  readonly bandwidthShare: number | null;
}
