import { parentPort, workerData } from "node:worker_threads";
import { NearError } from "nearts";
import type { Order, Reply } from "./apart-messages.js";
import { arrow } from "./arrow.js";
import { parquet } from "./parquet.js";

const { format, path, ...request } = workerData as Order; // whoever starts this thread gives it one
let bytes = 0;
const onBytes = (read: number) => {
  bytes = read;
};
const chunks = { arrow, parquet }[format].read(path, { ...request, signal: undefined, onReject: undefined, onBytes });

parentPort?.on("message", () => {
  void next().then(say);
});
say({ kind: "running" });

async function next(): Promise<Reply> {
  try {
    const { done, value } = await chunks.next();
    return done === true ? { kind: "end", bytes } : { kind: "chunk", chunk: value, bytes };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof NearError) return { kind: "failed", code: error.code, message, details: plain(error) };
    return { kind: "failed", code: "E_FAILED", message, details: {} };
  }
}

/** What a message can carry of the details of an error. */
function plain({ details }: NearError): NearError["details"] {
  return JSON.parse(
    JSON.stringify(details, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ) as NearError["details"];
}

function say(reply: Reply): void {
  parentPort?.postMessage(reply);
}
