import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Dice } from "../../readers/mutate.js";
import type { DiskEvent } from "./log.js";

const SECTOR = 512;

type Change = Extract<DiskEvent, { kind: "write" | "truncate" }>;
type Naming = Extract<DiskEvent, { kind: "rename" | "remove" }>;

/** Changes of one file: what a sync that ended had found done before it started is durable. */
interface Inode {
  readonly durable: Change[];
  pending: Change[];
}

/** Files by their path, as a disk holds them. */
export type Image = ReadonlyMap<string, Uint8Array>;

/**
 * What a disk may hold after its power was cut when the first `count` of the events had happened: what completed syncs found there; of what was written
 * since, each write wholly, in part (by sectors of 512 bytes) or not at all, in any order; renames and removals in order up to any of those after the last
 * completed sync of their folder.
 */
export function cutPower(events: readonly DiskEvent[], count: number, dice: Dice): Image {
  const live = new Map<string, Inode>();
  const created: [string, Inode][] = [];
  const namings: { readonly naming: Naming; readonly created: number; durable: boolean }[] = [];
  const syncing = new Map<bigint, { readonly inode: Inode | undefined; readonly seen: number; readonly namings: number }>();

  for (const event of events.slice(0, count)) {
    if (event.kind === "write" || event.kind === "truncate") {
      let inode = live.get(event.path);
      if (inode === undefined) {
        inode = { durable: [], pending: [] };
        live.set(event.path, inode);
        created.push([event.path, inode]);
      }
      (event.kind === "write" && event.durable ? inode.durable : inode.pending).push(event);
    } else if (event.kind === "sync") {
      const inode = live.get(event.path);
      syncing.set(event.number, { inode, seen: inode?.pending.length ?? 0, namings: namings.length });
    } else if (event.kind === "synced") {
      const start = syncing.get(event.number);
      if (start?.inode !== undefined) start.inode.durable.push(...start.inode.pending.splice(0, start.seen));
      else
        for (const entry of namings.slice(0, start?.namings ?? 0)) if (dirname(nameOf(entry.naming)) === event.path) entry.durable = true;
    } else if (event.kind === "rename" || event.kind === "remove") {
      namings.push({ naming: event, created: created.length, durable: false });
      rename(live, event);
    }
  }
  // Names: a journal keeps their order, so that all up to the last durable one have happened, and perhaps some after it.
  const lastDurable = namings.findLastIndex(({ durable }) => durable);
  const kept = lastDurable + 1 + dice.roll(namings.length - lastDurable);
  const names = new Map<string, Inode>();
  let known = 0;
  for (const { naming, created: before } of namings.slice(0, kept)) {
    for (; known < before; known++) names.set(...created[known]);
    rename(names, naming);
  }
  // Files made since stand under the names that they were made with, as far as a folder of that name is left.
  for (; known < created.length; known++) names.set(...created[known]);
  return new Map([...names].map(([path, inode]) => [path, contents(inode, dice)]));
}

/** Writes an image of what was below `root` into `folder`. */
export function writeImage(image: Image, root: string, folder: string): void {
  for (const [path, bytes] of image) {
    const target = join(folder, relative(root, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

function nameOf(naming: Naming): string {
  return naming.kind === "rename" ? naming.to : naming.path;
}

/** Renames or removes a file, or all that lie in a folder. */
function rename(names: Map<string, Inode>, naming: Naming): void {
  const moved = [...names].filter(([path]) => path === naming.path || path.startsWith(`${naming.path}/`));
  for (const [path, inode] of moved) {
    names.delete(path);
    if (naming.kind === "rename") names.set(naming.to + path.slice(naming.path.length), inode);
  }
}

function contents({ durable, pending }: Inode, dice: Dice): Uint8Array {
  const file = new GrowingFile();
  for (const change of durable) file.apply(change);
  const survivors = pending.filter(() => dice.roll(2) === 0);
  for (let i = survivors.length - 1; i > 0; i--) {
    const j = dice.roll(i + 1);
    [survivors[i], survivors[j]] = [survivors[j], survivors[i]];
  }
  for (const change of survivors) {
    if (change.kind === "truncate" || dice.roll(2) === 0) file.apply(change);
    else file.applySectors(change.offset, change.bytes, dice);
  }
  return file.bytes;
}

class GrowingFile {
  #bytes = new Uint8Array(1 << 16);
  #size = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  apply(change: Change): void {
    if (change.kind === "write") this.#put(change.offset, change.bytes);
    else this.#resize(change.size);
  }

  /** Only some of the sectors, as where the power goes while they are written. */
  applySectors(offset: number, bytes: Uint8Array, dice: Dice): void {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + SECTOR - ((offset + at) % SECTOR));
      if (dice.roll(2) === 0) this.#put(offset + at, bytes.subarray(at, end));
      at = end;
    }
  }

  #put(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.#size) this.#resize(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  #resize(size: number): void {
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }
}
