import { NearError, show } from "../core/errors.js";
import type { SetRows } from "../core/rows.js";
import { membersOf, type Token } from "../core/tokens.js";

/** A set as users write it: tokens in any order, repeated ones counting once, or members as `get` gives them. */
export type SetInput = Iterable<Token> | { readonly members: Uint32Array };

/** One set as rows, checked. `where` names it in errors. */
export function setRow(input: unknown, dim: number, where: string): SetRows {
  const members = isMembers(input) ? input.members.slice() : membersOf(tokensOf(input, where), where);
  return checkSetRows({ kind: "set", dim, count: 1, offsets: Uint32Array.of(0, members.length), members }, dim, where);
}

/** Columns of sets that are long enough, checked: offsets, and order and range of members. */
export function checkSetRows(rows: SetRows, dim: number, where: string): SetRows {
  const { count, offsets, members } = rows;
  if (offsets[0] !== 0)
    throw new NearError("E_BAD_VECTOR", `${where}: the first offset is ${offsets[0]}; it must be 0`, { got: offsets[0] });
  for (let i = 0; i < count; i++) {
    if (offsets[i + 1] < offsets[i]) {
      throw new NearError("E_BAD_VECTOR", `${where}: offset ${i + 1} is ${offsets[i + 1]}, less than ${offsets[i]} before it`, { row: i });
    }
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      if (members[e] < dim && (e === offsets[i] || members[e] > members[e - 1])) continue;
      const bound = members[e] < dim ? "members ascend, each once" : `this index takes members below ${dim}`;
      throw new NearError("E_BAD_VECTOR", `${where}, row ${i} has the member ${members[e]} at position ${e - offsets[i]}: ${bound}`, {
        row: i,
        member: members[e],
      });
    }
  }
  return rows.dim === dim ? rows : { ...rows, dim };
}

function isMembers(input: unknown): input is { readonly members: Uint32Array } {
  return typeof input === "object" && input !== null && "members" in input && input.members instanceof Uint32Array;
}

function tokensOf(input: unknown, where: string): Iterable<unknown> {
  if (typeof input === "string") {
    const message = `${where} is the text ${show(input)}, of which any parts could be the set's: give shingles(text, { words: 3 }), or a list of tokens`;
    throw new NearError("E_BAD_VECTOR", message, {});
  }
  if (typeof input === "object" && input !== null && Symbol.iterator in input) return input as Iterable<unknown>; // each token is looked at
  throw new NearError("E_BAD_VECTOR", `${where} is ${show(input)}; give a set or a list of tokens: texts and safe integers`, {
    type: typeof input,
  });
}
