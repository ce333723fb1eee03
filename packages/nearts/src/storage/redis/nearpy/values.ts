/** What a pickle can hold: Python's None, bool, int and float, str, bytes (and Python 2's str), list, tuple, dict, and numbers of NumPy. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickledArray
  | PickledTuple
  | PickledDict
  | PickledList
  | NumberType
  | Callable;

/** A list; pickles may put one into itself. */
export class PickledList {
  readonly items: Pickled[] = [];
}

export class PickledTuple {
  readonly items: readonly Pickled[];

  constructor(items: readonly Pickled[]) {
    this.items = items;
  }
}

/** A dict whose keys are text or numbers, by their text: all that JSON can have. */
export class PickledDict {
  readonly entries: Map<string, Pickled> = new Map();
}

/** Something that a pickle may call, known by name: never code of the pickle's. */
export class Callable {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A NumPy dtype of plain numbers. */
export class NumberType {
  readonly code: string;
  bigEndian = false;

  constructor(code: string) {
    this.code = code;
  }
}

/** A NumPy array or, with no shape, a scalar. `values` are missing until the pickle's BUILD gives them. */
export class PickledArray {
  shape: readonly number[];
  values: Float64Array;

  constructor(shape: readonly number[], values: Float64Array) {
    this.shape = shape;
    this.values = values;
  }
}
