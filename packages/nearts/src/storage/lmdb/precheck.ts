import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { NearError } from "../../core/errors.js";
import { corrupt } from "./records.js";
import { messageOf, systemCode } from "./system-errors.js";

/** Where LMDB's description of itself begins in the first two pages, and what is in it. */
const header = 24;
const magic = 0xbeefc0de;
const dataVersion = 2;
const fields = { magic: 0, version: 4, pageSize: 24, lastPage: 120, transaction: 128 } as const;
const headBytes = header + 160;
const smallestPage = 512;
const largestPage = 65_536;

/**
 * Looks at the file of a database before LMDB does, which takes its word for everything and ends the process where it is wrong: a file too short, of another kind,
 * cut off or empty is E_CORRUPT. True where there is one, false where there is none at `path`; E_IO where it cannot be read.
 */
export async function precheck(path: string): Promise<boolean> {
  const file = join(path, "data.mdb");
  const size = await sizeOf(path, file);
  if (size === null) return false;
  const handle = await open(file, "r").catch(refuse(file));
  try {
    const read = async (at: number) => {
      const bytes = new DataView(new ArrayBuffer(headBytes));
      await handle.read(bytes, 0, headBytes, at).catch(refuse(file));
      return bytes;
    };
    const first = await read(0);
    const pages = [first];
    for (const at of pageSizes(first)) pages.push(await read(at));
    checkPages(
      file,
      size,
      pages.filter((page) => page.getUint32(header + fields.magic, true) === magic),
    );
  } finally {
    await handle.close();
  }
  return true;
}

/** Page sizes at which the second description may lie: that of the first, if it is one. */
function pageSizes(first: DataView): readonly number[] {
  const pageSize = first.getUint32(header + fields.pageSize, true);
  return isPageSize(pageSize) ? [pageSize] : [4096, 16_384];
}

function checkPages(file: string, size: number, pages: readonly DataView[]): void {
  if (pages.length === 0) throw corrupt(`${JSON.stringify(file)}, with ${size} bytes, is no LMDB database`, { file, size });
  const transactionOf = (page: DataView) => Number(page.getBigUint64(header + fields.transaction, true));
  const newest = pages.reduce((best, page) => (transactionOf(page) > transactionOf(best) ? page : best));
  const version = newest.getUint32(header + fields.version, true) & 0xffff;
  const pageSize = newest.getUint32(header + fields.pageSize, true);
  if (version !== dataVersion || !isPageSize(pageSize)) {
    throw corrupt(`${JSON.stringify(file)} is an LMDB database of version ${version} with pages of ${pageSize} bytes`, {
      version,
      pageSize,
    });
  }
  const needed = (Number(newest.getBigUint64(header + fields.lastPage, true)) + 1) * pageSize;
  if (size < needed) throw corrupt(`${JSON.stringify(file)} is cut off: it has ${size} bytes of ${needed}`, { file, size, needed });
}

function isPageSize(bytes: number): boolean {
  return bytes >= smallestPage && bytes <= largestPage && (bytes & (bytes - 1)) === 0;
}

async function sizeOf(path: string, file: string): Promise<number | null> {
  const folder = await stat(path).catch(absent(path));
  if (folder !== null && !folder.isDirectory()) {
    throw new NearError("E_IO", `${JSON.stringify(path)} is a file: name the folder of an index, or one that is to be made`, { path });
  }
  const found = await stat(file).catch(absent(file));
  return found === null ? null : found.size;
}

function absent(path: string): (cause: unknown) => null {
  return (cause) => {
    if (systemCode(cause) === "ENOENT") return null;
    return refuse(path)(cause);
  };
}

function refuse(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new NearError("E_IO", `cannot read ${JSON.stringify(path)}: ${messageOf(cause)}`, { path }, { cause });
  };
}
