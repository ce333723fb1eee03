import { createArena, type KernelFunctions } from "../kernels/index.js";
import { plainCloseUp } from "../kernels/reference-close-up.js";

/** Memory of a fixed size that bytes are read into, and closed up in. */
export interface Room {
  /** All of it, from the start of its buffer on. */
  readonly bytes: Uint8Array;
  /** The kernel over it: pointers are positions in `bytes`. */
  readonly closeUp: KernelFunctions["closeUp"];
}

/** Rooms larger than this have the quick kernel: its memory takes address space, and time to be made. */
const PLAIN_BYTES = 2 ** 20;

/** An empty room for at least so many bytes. */
export function roomFor(bytes: number): Room {
  return bytes > PLAIN_BYTES ? quickRoom(bytes) : plainRoom(bytes);
}

function quickRoom(bytes: number): Room {
  const arena = createArena();
  arena.ensure(bytes);
  return { bytes: arena.views().u8, closeUp: (...how) => arena.kernels.closeUp(...how) };
}

function plainRoom(bytes: number): Room {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 4) * 4);
  return { bytes: new Uint8Array(buffer), closeUp: plainCloseUp(new Uint32Array(buffer)) };
}
