import { show } from "../../../core/errors.js";
import { build, call, callableOf, textOf } from "./callables.js";
import { corrupt } from "./faults.js";
import { decimal, quotedBytes, twosComplement, unescapedText, wholeNumber } from "./literals.js";
import { PickleBytes } from "./pickle-bytes.js";
import { type Pickled, PickledDict, PickledList, PickledTuple } from "./values.js";

/** Bytes of one pickle at most. */
const largest = 1 << 26;

/** What the operations of a pickle work on: a stack with marks, and what it remembered by number. */
class Machine {
  readonly bytes: PickleBytes;
  readonly memo = new Map<number, Pickled>();
  readonly #stack: Pickled[] = [];
  readonly #marks: number[] = [];
  /** Bytes that calls may still go through: a few bytes can ask for the same work again and again. */
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.bytes = new PickleBytes(bytes);
    this.#budget = 4 * bytes.length + 1024;
  }

  push(value: Pickled): void {
    this.#stack.push(value);
  }

  pop(): Pickled {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.pop() : undefined;
    if (value === undefined) throw corrupt("takes from an empty stack");
    return value;
  }

  top(): Pickled {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** What lies above the last mark, which goes. */
  popToMark(): Pickled[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw corrupt("takes up to a mark that is not there");
    return this.#stack.splice(mark);
  }

  tuple(count: number): void {
    const items: Pickled[] = [];
    for (let i = 0; i < count; i++) items.unshift(this.pop());
    this.push(new PickledTuple(items));
  }

  recall(number: number): void {
    const value = this.memo.get(number);
    if (value === undefined) throw corrupt(`recalls number ${number}, which it did not note`);
    this.push(value);
  }

  append(items: readonly Pickled[]): void {
    const list = this.top();
    if (!(list instanceof PickledList)) throw corrupt("appends to what is no list");
    for (const item of items) list.items.push(item);
  }

  /** Keys and values, by turns. */
  set(items: readonly Pickled[]): void {
    const dict = this.top();
    if (!(dict instanceof PickledDict) || items.length % 2 !== 0) throw corrupt("sets items of what is no dict");
    for (let i = 0; i < items.length; i += 2) {
      const name = items[i];
      const key = typeof name === "number" ? String(name) : textOf(name);
      if (key === undefined) throw corrupt("has a dict with a key that is neither text nor a number");
      dict.entries.set(key, items[i + 1]);
    }
  }

  /** Counts what a call goes through. */
  spend(args: Pickled): void {
    const items = args instanceof PickledTuple ? args.items : [];
    for (const item of items) if (typeof item === "string" || item instanceof Uint8Array) this.#budget -= item.length;
    if (this.#budget < 0) throw corrupt("asks for more work than its bytes are worth");
  }
}

type Operation = (machine: Machine) => void;

const pushing =
  (read: (bytes: PickleBytes, machine: Machine) => Pickled): Operation =>
  (machine) =>
    machine.push(read(machine.bytes, machine));

/** The operations by their byte, as Python's pickletools names them. Not here: whatever makes an object of a class (INST, OBJ, NEWOBJ), persistent ids, extensions, sets. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [at("("), (machine) => machine.mark()],
  [at("0"), (machine) => void machine.pop()],
  [at("1"), (machine) => void machine.popToMark()],
  [at("2"), (machine) => machine.push(machine.top())],
  [at("N"), pushing(() => null)],
  [0x88, pushing(() => true)],
  [0x89, pushing(() => false)],
  [at("F"), pushing((bytes) => decimal(bytes.line()))],
  [at("G"), pushing((bytes) => bytes.f64())],
  [at("I"), pushing((bytes) => wholeNumber(bytes.line()))],
  [at("L"), pushing((bytes) => wholeNumber(bytes.line()))],
  [at("J"), pushing((bytes) => bytes.i32())],
  [at("K"), pushing((bytes) => bytes.byte())],
  [at("M"), pushing((bytes) => bytes.u16())],
  [0x8a, pushing((bytes) => twosComplement(bytes.take(bytes.byte())))],
  [0x8b, pushing((bytes) => twosComplement(bytes.take(bytes.u32())))],
  [at("S"), pushing((bytes) => quotedBytes(bytes.line()))],
  [at("T"), pushing((bytes) => bytes.take(bytes.u32()))],
  [at("U"), pushing((bytes) => bytes.take(bytes.byte()))],
  [at("B"), pushing((bytes) => bytes.take(bytes.u32()))],
  [at("C"), pushing((bytes) => bytes.take(bytes.byte()))],
  [0x8e, pushing((bytes) => bytes.take(bytes.u64()))],
  [0x96, pushing((bytes) => bytes.take(bytes.u64()))],
  [at("V"), pushing((bytes) => unescapedText(bytes.line()))],
  [at("X"), pushing((bytes) => bytes.text(bytes.u32()))],
  [0x8c, pushing((bytes) => bytes.text(bytes.byte()))],
  [0x8d, pushing((bytes) => bytes.text(bytes.u64()))],
  [at("]"), pushing(() => new PickledList())],
  [at("l"), (machine) => list(machine, machine.popToMark())],
  [at("a"), (machine) => machine.append([machine.pop()])],
  [at("e"), (machine) => machine.append(machine.popToMark())],
  [at(")"), (machine) => machine.tuple(0)],
  [at("t"), (machine) => machine.push(new PickledTuple(machine.popToMark()))],
  [0x85, (machine) => machine.tuple(1)],
  [0x86, (machine) => machine.tuple(2)],
  [0x87, (machine) => machine.tuple(3)],
  [at("}"), pushing(() => new PickledDict())],
  [at("d"), (machine) => dict(machine, machine.popToMark())],
  [at("s"), (machine) => setOne(machine)],
  [at("u"), (machine) => machine.set(machine.popToMark())],
  [at("p"), (machine) => void machine.memo.set(Number(wholeNumber(machine.bytes.line())), machine.top())],
  [at("q"), (machine) => void machine.memo.set(machine.bytes.byte(), machine.top())],
  [at("r"), (machine) => void machine.memo.set(machine.bytes.u32(), machine.top())],
  [0x94, (machine) => void machine.memo.set(machine.memo.size, machine.top())],
  [at("g"), (machine) => machine.recall(Number(wholeNumber(machine.bytes.line())))],
  [at("h"), (machine) => machine.recall(machine.bytes.byte())],
  [at("j"), (machine) => machine.recall(machine.bytes.u32())],
  [at("c"), pushing((bytes) => callableOf(bytes.line(), bytes.line()))],
  [0x93, (machine) => named(machine)],
  [at("R"), (machine) => reduce(machine)],
  [at("b"), (machine) => state(machine)],
  [0x80, (machine) => checkProtocol(machine.bytes.byte())],
  [0x95, (machine) => void machine.bytes.u64()],
]);

const STOP = at(".");

/** What a pickle of protocol 0 to 5 holds, built of plain values alone: nothing that it names is run. E_CORRUPT for anything else. */
export function unpickle(bytes: Uint8Array): Pickled {
  if (bytes.length > largest) throw corrupt(`has ${bytes.length} bytes, more than ${largest}`);
  const machine = new Machine(bytes);
  for (;;) {
    const code = machine.bytes.byte();
    if (code === STOP) return machine.pop();
    const operation = OPERATIONS.get(code);
    if (operation === undefined) {
      throw corrupt(
        `has the operation ${show(String.fromCharCode(code))} (${code}), which makes more than numbers, text, lists, dicts and arrays: it is refused`,
      );
    }
    operation(machine);
  }
}

function at(character: string): number {
  return character.charCodeAt(0);
}

function list(machine: Machine, items: readonly Pickled[]): void {
  machine.push(new PickledList());
  machine.append(items);
}

function dict(machine: Machine, items: readonly Pickled[]): void {
  machine.push(new PickledDict());
  machine.set(items);
}

function setOne(machine: Machine): void {
  const value = machine.pop();
  const key = machine.pop();
  machine.set([key, value]);
}

function named(machine: Machine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== "string" || typeof module !== "string") throw corrupt("has a name that is no text");
  machine.push(callableOf(module, name));
}

function reduce(machine: Machine): void {
  const args = machine.pop();
  const callable = machine.pop();
  machine.spend(args);
  machine.push(call(callable, args));
}

function state(machine: Machine): void {
  const given = machine.pop();
  machine.spend(given);
  build(machine.top(), given);
}

function checkProtocol(protocol: number): void {
  if (protocol > 5) throw corrupt(`is a pickle of protocol ${protocol}, expected 0 to 5`);
}
