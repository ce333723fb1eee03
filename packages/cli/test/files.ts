import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Random } from "nearts";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/** A folder of its own, that is there while tests need it. */
export class Folder {
  readonly path: string = join(tmpdir(), `nearts-cli-${randomUUID()}`);
  /** What is to be written once the folder is made; null from then on. */
  #pending: (() => void)[] | null = [];

  /** For the tests of a file: made before the first that runs, and not where none does; removed after the last. */
  static ofFile(): Folder {
    const folder = new Folder();
    beforeAll(() => folder.#make());
    afterAll(() => folder.#remove());
    return folder;
  }

  /** For the test that runs, removed after it. */
  static ofTest(): Folder {
    const folder = new Folder();
    folder.#make();
    onTestFinished(() => folder.#remove());
    return folder;
  }

  /** Writes a file, making the folders above it, as soon as this folder is there; gzipped where its name ends so. Says where it is. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    const put = () => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, name.endsWith(".gz") ? gzipSync(content) : content);
    };
    if (this.#pending === null) put();
    else this.#pending.push(put);
    return path;
  }

  #make(): void {
    mkdirSync(this.path);
    for (const put of this.#pending ?? []) put();
    this.#pending = null;
  }

  #remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Rows of numbers from −1 to 1 around a few centres, the same for the same seed. */
export function clusters(count: number, dim: number, seed: number): number[][] {
  const random = new Random(seed);
  const centres = Array.from({ length: 8 }, () => Array.from({ length: dim }, () => 2 * random.uniform() - 1));
  return Array.from({ length: count }, (_, i) => centres[i % 8].map((x) => Math.fround(x + 0.3 * (2 * random.uniform() - 1))));
}

/** The bytes of an fvecs file. */
export function fvecs(rows: readonly (readonly number[])[]): Uint8Array {
  return vecs(rows, (view, at, value) => view.setFloat32(at, value, true));
}

/** The bytes of an ivecs file. */
export function ivecs(rows: readonly (readonly number[])[]): Uint8Array {
  return vecs(rows, (view, at, value) => view.setInt32(at, value, true));
}

/** The lines of an svmlight file: the values that are not 0, counted from 1. */
export function svmlight(rows: readonly (readonly number[])[]): string {
  return rows.map((row) => `1 ${row.flatMap((value, i) => (value === 0 ? [] : [`${i + 1}:${value}`])).join(" ")}\n`).join("");
}

/** The numbers of the `k` rows nearest to `query` in Euclidean distance, nearest first, and their distances. */
export function nearest(rows: readonly (readonly number[])[], query: readonly number[], k: number): { id: number; distance: number }[] {
  const all = rows.map((row, id) => ({ id, distance: Math.sqrt(row.reduce((sum, x, i) => sum + (x - query[i]) ** 2, 0)) }));
  return all.sort((a, b) => a.distance - b.distance || a.id - b.id).slice(0, k);
}

function vecs(rows: readonly (readonly number[])[], put: (view: DataView, at: number, value: number) => void): Uint8Array {
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + 4 + 4 * row.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const row of rows) {
    view.setInt32(at, row.length, true);
    for (let i = 0; i < row.length; i++) put(view, at + 4 + 4 * i, row[i]);
    at += 4 + 4 * row.length;
  }
  return bytes;
}
