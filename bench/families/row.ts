/** One line of the benchmark of families; null where it does not apply. */
export interface FamilyRow {
  /** The part of the benchmark that it belongs to. */
  readonly part: string;
  readonly system: string;
  readonly set: string;
  readonly parameters: string;
  readonly recall: number | null;
  readonly qps: number | null;
  /** What this row is to reach, where it is to reach something. */
  readonly floor: Floor | null;
}

/** A number that is to be reached. */
export interface Floor {
  /** What is measured, with its unit. */
  readonly what: string;
  readonly value: number;
  readonly least: number;
}

/** What every part is told. */
export interface PartOptions {
  readonly data: string | undefined;
  readonly rows: number | undefined;
  readonly queries: number;
  /** Bit codes to search among. */
  readonly codes: number;
}

/** One part of the benchmark: its rows, measured. */
export type Part = (options: PartOptions) => Promise<FamilyRow[]>;
