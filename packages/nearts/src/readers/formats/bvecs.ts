import type { Format } from "../format.js";
import { readVecs } from "./vecs.js";

/** bvecs: per row a little-endian int32 count and that many bytes, 0 to 255. */
export const bvecs: Format = {
  name: "bvecs",
  names: /\.bvecs$/,
  read: (input, request) => readVecs(input, request, "u1"),
};
