import { NearError, type NearErrorDetails } from "nearts";

/** E_BAD_FILE that names the file before the sentence. */
export function badFile(file: string, sentence: string, details: NearErrorDetails = {}, cause?: unknown): NearError {
  return new NearError("E_BAD_FILE", `${JSON.stringify(file)}: ${sentence}`, { file, ...details }, { cause });
}

/** What went wrong while a file was read, as a {@link NearError} that names it; the system's own failures stay what they are. */
export function fileFault(file: string, error: unknown, what: string): unknown {
  if (error instanceof NearError) return error;
  if (error instanceof Error && "syscall" in error)
    return new NearError(
      "E_IO",
      `cannot read ${JSON.stringify(file)}: ${error.message}; check the path and the disk`,
      { file },
      { cause: error },
    );
  const reason = error instanceof Error ? error.message : String(error);
  return badFile(file, `${what} (${reason.split("\n")[0].slice(0, 200)}); it is damaged or not what its name says`, {}, error);
}

/** The position of the first value that is not finite, or −1. */
export function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Refuses rows with a value that is not finite as float32; `first` is the number of the first row. */
export function checkFinite(file: string, values: Float32Array, dim: number, first: number): void {
  const bad = firstNotFinite(values);
  if (bad < 0) return;
  const [row, position] = [first + Math.floor(bad / dim), bad % dim];
  const sentence = `row ${row}, position ${position} is ${values[bad]} as float32, expected a finite number; repair or rescale it, or leave the row out`;
  throw badFile(file, sentence, { row, position, value: values[bad] });
}
