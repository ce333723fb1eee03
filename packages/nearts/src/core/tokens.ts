import { NearError, show } from "./errors.js";

/** What a set is made of: a text, or a safe integer; `7` and `"7"` differ. */
export type Token = string | number;

/**
 * The member that stands for a token: an integer from 0 to 2³² − 1 is itself; any other integer and every text are hashed to 32 bits, the same on every
 * runtime. Two given tokens that are not both such integers have one member with probability 2⁻³², n of them some two with about n²·2⁻³³. E_BAD_VECTOR for
 * what is no token; `where` names the set in errors, `position` the place in it.
 */
export function memberOf(token: unknown, where: string, position: number): number {
  if (typeof token === "number" && token >>> 0 === token) return token >>> 0;
  if (typeof token === "string") return memberOfText(token);
  if (Number.isSafeInteger(token)) return memberOfInteger(token as number); // just seen
  const message = `${where} has ${show(token)} at position ${position}; members of sets are texts and safe integers`;
  throw new NearError("E_BAD_VECTOR", message, { position });
}

/** The members of distinct tokens: ascending, each once. Errors as of {@link memberOf}. */
export function membersOf(tokens: Iterable<unknown>, where: string): Uint32Array {
  let members = new Uint32Array(lengthOf(tokens));
  let count = 0;
  for (const token of tokens) {
    if (count === members.length) members = doubled(members);
    members[count] = memberOf(token, where, count);
    count++;
  }
  return distinct(members.subarray(0, count));
}

/** Sorts members in place and drops repeated ones: a view of what is left. */
export function distinct(members: Uint32Array): Uint32Array {
  members.sort();
  let kept = 0;
  for (let i = 0; i < members.length; i++) if (i === 0 || members[i] !== members[i - 1]) members[kept++] = members[i];
  return members.subarray(0, kept);
}

function lengthOf(tokens: Iterable<unknown>): number {
  if (tokens instanceof Set) return tokens.size;
  return Array.isArray(tokens) || ArrayBuffer.isView(tokens) ? (tokens as unknown as ArrayLike<unknown>).length : 16; // a view of numbers: others are not iterable
}

function doubled(members: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(16, members.length * 2));
  longer.set(members);
  return longer;
}

/**
 * MurmurHash3_x86_32 (Appleby 2011) of the UTF-16 code units as they are, little-endian: nothing is decoded or normalised, so that NULs and lone surrogates
 * count like any other. The length goes in last, so that no text is another with NULs behind it.
 */
function memberOfText(text: string): number {
  const even = text.length & ~1;
  let h = textSeed;
  for (let i = 0; i < even; i += 2) h = stir(h, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (even < text.length) h ^= stirred(text.charCodeAt(even));
  return finish(h ^ (text.length * 2));
}

/** The same over the two halves of an integer of 64 bits, under a seed of its own. */
function memberOfInteger(integer: number): number {
  return finish(stir(stir(integerSeed, integer >>> 0), Math.floor(integer / 2 ** 32)) ^ 8);
}

const textSeed = 0x243f6a88; // digits of π
const integerSeed = 0x85a308d3;

function stir(h: number, word: number): number {
  const mixed = h ^ stirred(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function stirred(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function finish(h: number): number {
  let k = h ^ (h >>> 16);
  k = Math.imul(k, 0x85ebca6b);
  k = Math.imul(k ^ (k >>> 13), 0xc2b2ae35);
  return (k ^ (k >>> 16)) >>> 0;
}
