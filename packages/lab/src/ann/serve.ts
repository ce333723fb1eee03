import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Conversation } from "./conversation.js";

/** Speaks the line protocol of ann-benchmarks until the input ends: lines come in, answers that begin with `epbprtv0` go out, one after the other. */
export async function serveAnnBenchmarks(input: Readable, output: Writable, tell: (sentence: string) => void): Promise<void> {
  const conversation = new Conversation(tell);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const answer = await conversation.answer(line);
      output.write(answer.map((text) => `epbprtv0 ${text}\n`).join(""));
    }
  } finally {
    await conversation.close();
  }
}
