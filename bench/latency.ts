import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "./statistics.js";
import { digits } from "./table.js";

/**
 * Asks about every millisecond until `done` and returns how long each answer took, in milliseconds, by the name of what went on. The clock of a query runs from
 * when it was due, not from when the process found time to ask: a process that is busy keeps its users waiting all the same.
 */
export async function latencies(
  ask: (turn: number) => Promise<unknown>,
  goesOn: () => Promise<string>,
  done: (turn: number) => boolean,
): Promise<Map<string, number[]>> {
  const byName = new Map<string, number[]>();
  let name = "";
  for (let turn = 0; !done(turn); turn++) {
    if (turn % 16 === 0) name = await goesOn(); // seldom: to look is work too
    const due = performance.now() + 1;
    await sleep(1);
    await ask(turn);
    const taken = performance.now() - due;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [taken]);
    else known.push(taken);
  }
  return byName;
}

/** Latencies as a line of a table. */
export function latencyRow(name: string, millis: readonly number[]): Record<string, string> {
  const at = (part: number) => (millis.length === 0 ? "–" : digits(quantile(millis, part)));
  return { "queries while": name, queries: String(millis.length), "p50 ms": at(0.5), "p99 ms": at(0.99), "max ms": at(1) };
}
