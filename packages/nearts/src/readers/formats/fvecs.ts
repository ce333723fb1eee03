import type { Format } from "../format.js";
import { readVecs } from "./vecs.js";

/** fvecs: per row a little-endian int32 count and that many float32. */
export const fvecs: Format = {
  name: "fvecs",
  names: /\.fvecs$/,
  read: (input, request) => readVecs(input, request, "f4"),
};
