import { show } from "../../../core/errors.js";
import { corrupt } from "./faults.js";
import { isNumberCode, numbersOf } from "./numbers.js";
import { Callable, NumberType, type Pickled, PickledArray, PickledTuple } from "./values.js";

type Call = (args: readonly Pickled[]) => Pickled;

/** Names that pickles of arrays, numbers and bytes use, in each version of NumPy and Python. Nothing else has a meaning here. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["_codecs.encode", encode],
  ["__builtin__.bytes", emptyBytes],
  ["builtins.bytes", emptyBytes],
  ["builtins.bytearray", onlyBytes],
  ["numpy.dtype", dtype],
  ["numpy.ndarray", notCalled],
  ...["numpy.core", "numpy._core"].flatMap((core): [string, Call][] => [
    [`${core}.multiarray._reconstruct`, () => new PickledArray([0], new Float64Array(0))],
    [`${core}.multiarray.scalar`, scalar],
    [`${core}.numeric._frombuffer`, fromBuffer],
  ]),
]);

/** What a name stands for. E_CORRUPT, naming it, for whatever is not an array or a number: looking it up runs nothing. */
export function callableOf(module: string, name: string): Callable {
  const full = `${module}.${name}`;
  if (CALLS.has(full)) return new Callable(full);
  throw corrupt(`refers to ${show(full)}, which is neither a number nor an array of numbers: it is refused, and nothing of it is run`);
}

/** What the call of a name gives. */
export function call(callable: Pickled, args: Pickled): Pickled {
  if (!(callable instanceof Callable) || !(args instanceof PickledTuple)) throw corrupt("calls what is no name");
  return (CALLS.get(callable.name) ?? notCalled)(args.items);
}

/** Gives an object what the pickle says it holds. */
export function build(target: Pickled, state: Pickled): void {
  if (!(state instanceof PickledTuple)) throw corrupt("gives an object a state that is no tuple");
  if (target instanceof NumberType) setOrder(target, state.items);
  else if (target instanceof PickledArray) fill(target, state.items);
  else throw corrupt("gives a state to what has none");
}

/** Bytes, which protocols 0 to 2 write as text of code points below 256. */
function encode([text, encoding]: readonly Pickled[]): Uint8Array {
  if (typeof text !== "string" || encoding !== "latin1") throw corrupt("encodes what is no text as latin1");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 255) throw corrupt("has text where latin1 is expected");
    bytes[i] = unit;
  }
  return bytes;
}

function emptyBytes(args: readonly Pickled[]): Uint8Array {
  return args.length === 0 ? new Uint8Array(0) : onlyBytes(args);
}

function onlyBytes([bytes]: readonly Pickled[]): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw corrupt("makes bytes of what is none");
  return bytes;
}

function notCalled(): never {
  throw corrupt("calls what cannot be called");
}

/** `dtype("f8", False, True)`; the order of the bytes follows in its state. */
function dtype([code]: readonly Pickled[]): NumberType {
  const text = textOf(code);
  if (text === undefined || !isNumberCode(text))
    throw corrupt(`has numbers of type ${show(text ?? code)}: expected bool, u1 to u8, i1 to i8 or f2 to f8`);
  return new NumberType(text);
}

function setOrder(type: NumberType, state: readonly Pickled[]): void {
  const order = textOf(state[1]);
  if (order !== "<" && order !== ">" && order !== "|" && order !== "=") throw corrupt(`has numbers in byte order ${show(order)}`);
  type.bigEndian = order === ">";
}

function scalar([type, bytes]: readonly Pickled[]): PickledArray {
  return arrayOf(type, [], bytes);
}

function fromBuffer([bytes, type, shape]: readonly Pickled[]): PickledArray {
  return arrayOf(type, shapeOf(shape), bytes);
}

/** The state of an array: version, shape, dtype, whether columns lie together, bytes. */
function fill(array: PickledArray, [, shape, type, fortran, bytes]: readonly Pickled[]): void {
  const filled = arrayOf(type, shapeOf(shape), bytes);
  if (fortran !== false && filled.shape.length > 1) throw corrupt("has an array whose columns lie together: expected rows");
  array.shape = filled.shape;
  array.values = filled.values;
}

function arrayOf(type: Pickled, shape: readonly number[], bytes: Pickled): PickledArray {
  if (!(type instanceof NumberType) || !(bytes instanceof Uint8Array)) throw corrupt("has an array without a type and bytes");
  const values = numbersOf(bytes, type.code, type.bigEndian);
  // The bytes are there already, so that a product over their number is a lie and costs nothing.
  const count = shape.reduce((product, length) => product * length, 1);
  if (values === undefined || values.length !== count)
    throw corrupt(`has an array of ${bytes.length} bytes for ${count} numbers of type ${type.code}`);
  return new PickledArray(shape, values);
}

function shapeOf(shape: Pickled): number[] {
  const lengths = shape instanceof PickledTuple ? shape.items : [];
  return lengths.map((length) => {
    if (typeof length !== "number" || !Number.isInteger(length) || length < 0) throw corrupt("has an array of no shape");
    return length;
  });
}

/** Text, also as the bytes that Python 2 wrote. */
export function textOf(value: Pickled | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch {
    return undefined;
  }
}
