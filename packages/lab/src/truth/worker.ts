import { parentPort } from "node:worker_threads";
import { NearError } from "nearts";
import type { Answer, Question, Setup } from "./messages.js";
import { Scan } from "./scan.js";

let scan: Scan | null = null;

parentPort?.on("message", (message: Setup | Question) => {
  void answer(message).then(say);
});
say({ kind: "running" });

async function answer(message: Setup | Question): Promise<Answer> {
  try {
    if ("rows" in message) {
      scan = await Scan.over(message.rows, message.distance);
      return { kind: "ready" };
    }
    if (scan === null) throw new Error("it was asked before it had rows");
    return { kind: "found", nearest: await scan.nearest(message.queries, message.k) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof NearError)) return { kind: "failed", code: "E_FAILED", message, details: {} };
    return { kind: "failed", code: error.code, message, details: { ...error.details } };
  }
}

function say(answer: Answer): void {
  parentPort?.postMessage(answer);
}
