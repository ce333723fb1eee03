// Serves a folder of files on this machine alone.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const TYPES = { html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" };

/**
 * Resolves to a server of the files right in `folder`, and its address; port 0 is any free one.
 * @param {string} folder
 * @param {number} port
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export function serve(folder, port) {
  const server = createServer((request, response) => void answer(request.url ?? "/", response));
  /** @param {string} asked @param {import("node:http").ServerResponse} response */
  async function answer(asked, response) {
    const path = new URL(asked, "http://localhost").pathname.slice(1) || "index.html";
    // A name of letters and one ending: nothing leads out of the folder.
    const [, ending] = /^[\w-]+\.(\w+)$/.exec(path) ?? [];
    const body = ending === undefined ? null : await readFile(join(folder, path)).catch(() => null);
    if (body === null) response.writeHead(404).end("not found");
    else
      response
        .writeHead(200, { "content-type": TYPES[/** @type {keyof typeof TYPES} */ (ending)] ?? "application/octet-stream" })
        .end(body);
  }
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve({ url: `http://localhost:${bound}/`, close: () => void server.close() });
    });
  });
}
