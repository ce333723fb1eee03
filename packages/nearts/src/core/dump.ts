/** Largest piece of a dump. */
export const pieceBytes = 65_536;

/** The bytes of a part of an index, little-endian, as a file keeps them: what its `restore` takes. */
export interface Dump {
  /** How many there are. */
  readonly bytes: number;
  /** All of them in order, in pieces of at most {@link pieceBytes}, each borrowed until the next is asked for. The part must not be written meanwhile. */
  pieces(): Iterable<Uint8Array>;
}

/** The bytes of one section of a file, front to back, from which a part is restored. What it is asked for it compares with what is left before it takes memory. */
export interface Supply {
  /** Bytes of the section that nobody has taken yet. */
  readonly left: number;
  /** Fills `target` with the next bytes; undefined where that is done already. Nothing may detach `target` before. E_CORRUPT where fewer are left. */
  fill(target: Uint8Array): Promise<void> | undefined;
  /** The next `count` bytes, u32 or f64: the caller's. Memory is taken as they come where the file may be shorter than it says. */
  bytes(count: number): Promise<Uint8Array<ArrayBuffer>>;
  words(count: number): Promise<Uint32Array<ArrayBuffer>>;
  doubles(count: number): Promise<Float64Array<ArrayBuffer>>;
  /** Announces memory for which the file has no bytes. E_MEMORY where all of it together is out of proportion to the file. */
  admit(bytes: number, what: string): void;
  /** Throws E_CORRUPT: what is wrong with the bytes taken last. */
  refuse(why: string): never;
}

/** The bytes of a column in pieces of a dump. */
export function* piecesOf(column: ArrayBufferView): Iterable<Uint8Array> {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Waits for what is not done already. */
export async function filled(supply: Supply, target: Uint8Array): Promise<void> {
  const waiting = supply.fill(target);
  if (waiting !== undefined) await waiting;
}
