import type { Candidates } from "../core/columns.js";
import type { Filter, FilterContext } from "../core/contracts.js";
import type { CompiledWhere } from "./where.js";

/** Drops the candidates whose data do not pass: what declared fields could not decide of a `where`. It reads the data of every candidate. */
export class WhereFilter implements Filter {
  readonly name = "where";
  readonly stage = "candidates";
  readonly #holds: NonNullable<CompiledWhere["rest"]>;

  /** `holds` is the `rest` of a {@link CompiledWhere}. */
  constructor(holds: NonNullable<CompiledWhere["rest"]>) {
    this.#holds = holds;
  }

  apply(candidates: Candidates, context: FilterContext): void {
    const kept = new Uint32Array(candidates.count);
    let count = 0;
    for (let i = 0; i < candidates.count; i++) {
      const row = candidates.rows[i];
      if (this.#holds(context.data(row), context.id(row))) kept[count++] = i;
    }
    if (count < candidates.count) candidates.keep(kept, count);
  }
}
