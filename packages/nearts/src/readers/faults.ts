import { NearError, type NearErrorDetails, show } from "../core/errors.js";
import { MAX_DIM, type Request } from "./format.js";

/** E_BAD_FILE that names the file and its format before the sentence. */
export function badFile(request: Request, sentence: string, details: NearErrorDetails = {}, cause?: unknown): NearError {
  return new NearError(
    "E_BAD_FILE",
    `${subject(request)}: ${sentence}`,
    { file: request.file, format: request.format, ...details },
    { cause },
  );
}

/** E_BAD_FILE for a value that is not finite as float32; `where` is a row or line in words, `value` what the file holds. */
export function notFinite(request: Request, where: string, value: number, details: NearErrorDetails): NearError {
  const rounded = Math.fround(value);
  const got = Object.is(value, rounded) ? show(value) : `${show(value)}, which is ${show(rounded)} as float32`;
  const sentence = `${where} is ${got}, expected a finite number; repair or rescale the value, or leave the row out`;
  return badFile(request, sentence, { value, rounded, ...details });
}

/** Refuses a dense dimension that is no dimension (E_BAD_FILE) or not the one asked for (E_DIM_MISMATCH); `where` says who claims it. */
export function checkDim(request: Request, dim: number, where: string): void {
  if (!(dim >= 1 && dim <= MAX_DIM)) {
    const sentence = `${where} has ${dim} values, expected 1 to ${MAX_DIM}; the file is damaged or not ${request.format}`;
    throw badFile(request, sentence, { dim, most: MAX_DIM });
  }
  if (request.dim !== undefined && request.dim !== dim) throw wrongDim(request, `${where} has ${dim} values`, dim);
}

/** E_DIM_MISMATCH between the file and the option `dim`. */
export function wrongDim(request: Request, claim: string, got: number): NearError {
  const sentence = `${subject(request)}: ${claim}, the option dim is ${request.dim}; pass the file's own dimension or no dim`;
  return new NearError("E_DIM_MISMATCH", sentence, { file: request.file, format: request.format, got, expected: request.dim });
}

function subject(request: Request): string {
  return request.file === undefined ? `${request.format} input` : `${JSON.stringify(request.file)} (${request.format})`;
}
