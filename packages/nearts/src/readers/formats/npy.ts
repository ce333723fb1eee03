import { NearError } from "../../core/errors.js";
import { badFile, checkDim } from "../faults.js";
import type { Format, Request, Steps, VectorChunk } from "../format.js";
import type { Input } from "../input.js";
import { bytesOf } from "../numbers.js";
import { type Layout, type RowBlock, readRecords, rowsPerChunk, toChunk, tooFewRows } from "../records.js";
import { type NpyHeader, parseNpyHeader } from "./npy-header.js";

/** `\x93NUMPY`. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header accepted: NumPy's own limit (`max_header_size`); that of a plain array takes about 120 bytes. */
const MOST_HEADER_BYTES = 10000;

/** Largest array in Fortran order accepted: it must be held whole before its first row is known. */
const MOST_FORTRAN_BYTES = 2 ** 28;

/** npy (NEP 1, numpy.lib.format versions 1.0 to 3.0): arrays of numbers with 2 axes are rows, with 1 axis one row. */
export const npy: Format = {
  name: "npy",
  names: /\.npy$/,
  startsLike: (head) => MAGIC.every((byte, i) => head[i] === byte),
  read: readNpy,
};

function* readNpy(input: Input, request: Request): Steps<VectorChunk> {
  const header = yield* readHeader(input, request);
  const layout = layoutOf(header, request);
  const contiguous = !header.fortran || header.shape.length === 1;
  yield* contiguous ? readRecords(input, request, layout) : readColumns(input, request, layout);
}

function* readHeader(input: Input, request: Request): Generator<null, NpyHeader, undefined> {
  const begun = yield* input.need(12);
  const start = input.bytes();
  if (!npy.startsLike?.(start))
    throw badFile(
      request,
      `it starts with bytes ${start.slice(0, 6).join(" ")}, npy with ${MAGIC.join(" ")}; the file is damaged or not npy`,
    );
  if (!begun)
    throw badFile(request, `its header takes more than 12 bytes, the file has ${input.length}; it is cut off`, { got: input.length });
  const [major, minor] = start.subarray(6);
  if (!(major >= 1 && major <= 3 && minor === 0)) {
    throw badFile(request, `its npy version is ${major}.${minor}, expected 1.0, 2.0 or 3.0; save it with a current NumPy`, {
      got: [major, minor],
    });
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const from = 8 + lengthBytes;
  const length = start[8] + start[9] * 256 + (major === 1 ? 0 : start[10] * 65536 + start[11] * 16777216);
  if (length > MOST_HEADER_BYTES)
    throw badFile(request, `its header takes ${length} bytes, at most ${MOST_HEADER_BYTES} are expected`, { length });
  if (!(yield* input.need(from + length))) {
    throw badFile(request, `its header takes ${from + length} bytes, the file has ${input.length}; it is cut off`, { got: input.length });
  }
  const text = String.fromCharCode(...input.bytes().subarray(from, from + length));
  input.skip(from + length);
  return parseNpyHeader(text, request);
}

function layoutOf({ shape, type }: NpyHeader, request: Request): Layout {
  if (shape.length < 1 || shape.length > 2) {
    const sentence = `its shape is (${shape.join(", ")}), expected (rows, dim) or (dim,); save the array with .reshape(len(array), -1)`;
    throw badFile(request, sentence, { shape });
  }
  const dim = shape[shape.length - 1];
  checkDim(request, dim, "each row");
  return { type, dim, counted: false, promised: shape.length === 1 ? 1 : shape[0] };
}

/** Rows of an array in Fortran order, once all of it is here. */
function* readColumns(input: Input, request: Request, layout: Layout): Steps<VectorChunk> {
  const rows = layout.promised ?? 0;
  const size = bytesOf(layout.type);
  const whole = rows * layout.dim * size;
  if (whole > MOST_FORTRAN_BYTES) throw tooLarge(request, whole);
  if (!(yield* input.need(whole))) throw tooFewRows(request, rows, Math.floor(input.length / (layout.dim * size)));
  if (yield* input.need(whole + 1))
    throw badFile(request, `the header promises ${whole} bytes of rows, more bytes follow them; write one array to a file`);
  const wanted = Math.min(rows, request.limit);
  for (let first = 0; first < wanted; first += rowsPerChunk(layout.dim)) {
    const count = Math.min(rowsPerChunk(layout.dim), wanted - first);
    yield toChunk(transpose(input.bytes(), rows, layout.dim, size, first, count), request, layout);
  }
}

function transpose(bytes: Uint8Array, rows: number, dim: number, size: number, first: number, count: number): RowBlock {
  const raw = new Uint8Array(count * dim * size);
  for (let column = 0; column < dim; column++) {
    for (let i = 0; i < count; i++) {
      const from = (column * rows + first + i) * size;
      const to = (i * dim + column) * size;
      for (let b = 0; b < size; b++) raw[to + b] = bytes[from + b];
    }
  }
  return { first, count, raw };
}

function tooLarge(request: Request, bytes: number): NearError {
  const sentence = `it is in Fortran order and takes ${bytes} bytes, at most ${MOST_FORTRAN_BYTES} are read so; save numpy.ascontiguousarray(array) instead`;
  const { message } = badFile(request, sentence);
  return new NearError("E_LIMIT", message, { file: request.file, format: request.format, got: bytes, most: MOST_FORTRAN_BYTES });
}
