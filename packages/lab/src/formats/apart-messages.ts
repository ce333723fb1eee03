import type { NearErrorCode, NearErrorDetails } from "nearts";
import type { VectorChunk } from "nearts/readers";
import type { FileRequest } from "./file-format.js";

/** What a thread that reads a file is started with. */
export interface Order extends Pick<FileRequest, "column" | "limit" | "data"> {
  readonly format: "arrow" | "parquet";
  readonly path: string;
}

/** What it says: that it runs, and then for each time it is asked one thing. */
export type Reply =
  | { readonly kind: "running" }
  | { readonly kind: "chunk"; readonly chunk: VectorChunk; readonly bytes: number }
  | { readonly kind: "end"; readonly bytes: number }
  | { readonly kind: "failed"; readonly code: NearErrorCode; readonly message: string; readonly details: NearErrorDetails };
