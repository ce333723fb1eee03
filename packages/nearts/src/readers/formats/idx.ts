import type { NearError } from "../../core/errors.js";
import { badFile, checkDim } from "../faults.js";
import type { Format, Request, Steps, VectorChunk } from "../format.js";
import type { Input } from "../input.js";
import type { NumberName } from "../numbers.js";
import { type Layout, readRecords } from "../records.js";

const TYPES: Readonly<Record<number, NumberName>> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/**
 * idx (yann.lecun.com/exdb/mnist): two zero bytes, type, number of axes, each axis as big-endian u32, big-endian numbers.
 * The first axis counts the rows, the others are flattened: 60000 × 28 × 28 are 60,000 rows of 784, 60000 alone are rows of 1.
 */
export const idx: Format = {
  name: "idx",
  names: /(\.idx\d*|-ubyte)$/,
  startsLike: (head) => head.length >= 4 && head[0] === 0 && head[1] === 0 && head[2] in TYPES && head[3] > 0,
  read: readIdx,
};

function* readIdx(input: Input, request: Request): Steps<VectorChunk> {
  if (!(yield* input.need(4))) throw cutOff(request, 4, input.length);
  const [zero, alsoZero, code, axes] = input.bytes();
  if (zero !== 0 || alsoZero !== 0 || !(code in TYPES)) {
    const types = "8, 9, 11, 12, 13 or 14";
    const sentence = `it starts with bytes ${zero} ${alsoZero} ${code}, idx with 0 0 and a type of ${types}; the file is damaged or not idx`;
    throw badFile(request, sentence, { got: [zero, alsoZero, code] });
  }
  if (axes === 0) throw badFile(request, "it has 0 axes, expected at least 1; write an array of rows", { axes });
  const header = 4 + 4 * axes;
  if (!(yield* input.need(header))) throw cutOff(request, header, input.length);
  const layout = layoutOf(input.bytes(), axes, code, request);
  input.skip(header);
  yield* readRecords(input, request, layout);
}

function layoutOf(bytes: Uint8Array, axes: number, code: number, request: Request): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let dim = 1;
  // A product beyond 2⁵³ is not exact, but far above what is accepted.
  for (let axis = 1; axis < axes; axis++) dim *= view.getUint32(4 + 4 * axis);
  checkDim(request, dim, "each row");
  return { type: { name: TYPES[code], bigEndian: true }, dim, counted: false, promised: view.getUint32(4) };
}

function cutOff(request: Request, wanted: number, got: number): NearError {
  return badFile(request, `the header takes ${wanted} bytes, the file has ${got}; it is cut off or not idx`, { expected: wanted, got });
}
