import { NearError, show } from "../core/errors.js";
import type { Format, FormatName } from "./format.js";
import { bvecs } from "./formats/bvecs.js";
import { fvecs } from "./formats/fvecs.js";
import { idx } from "./formats/idx.js";
import { ivecs } from "./formats/ivecs.js";
import { jsonl } from "./formats/jsonl.js";
import { npy } from "./formats/npy.js";
import { svmlight } from "./formats/svmlight.js";

/** Every format, by name: a new one is a file in formats/, a name in {@link FormatName} and a line here. */
const FORMATS: Readonly<Record<FormatName, Format>> = { fvecs, bvecs, ivecs, npy, idx, svmlight, jsonl };

/** Bytes of content that are enough to tell a format. */
export const HEAD_BYTES = 6;

/** The names of all formats, in a fixed order. */
export const FORMAT_NAMES: readonly FormatName[] = Object.values(FORMATS).map((format) => format.name);

/** The format of this name; E_BAD_OPTION where there is none. */
export function formatNamed(name: FormatName): Format {
  if (Object.hasOwn(FORMATS, name)) return FORMATS[name];
  throw new NearError("E_BAD_OPTION", `format is ${show(name)}, expected one of ${FORMAT_NAMES.join(", ")}`, {
    got: name,
    expected: FORMAT_NAMES,
  });
}

/** The format of a file by its name, else by its first bytes; E_BAD_OPTION where neither tells. */
export function formatOf(file: string | undefined, head: Uint8Array): Format {
  const name = file?.toLowerCase().replace(/\.gz$/, "");
  const formats = Object.values(FORMATS);
  const found =
    (name !== undefined && formats.find((format) => format.names.test(name))) || formats.find((format) => format.startsLike?.(head));
  if (found) return found;
  const subject = file === undefined ? "the input" : JSON.stringify(file);
  const sentence = `neither name nor content of ${subject} tells its format; pass format: one of ${FORMAT_NAMES.join(", ")}`;
  throw new NearError("E_BAD_OPTION", sentence, { file, expected: FORMAT_NAMES });
}
