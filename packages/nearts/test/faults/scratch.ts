import { guardedFolder, removeFolder } from "../servers/guarded.mjs";

/** A new folder without links in its path, removed with all that is in it, at the latest when this process ends. */
export function scratch(): Disposable & { readonly path: string } {
  const path = guardedFolder("faults");
  return { path, [Symbol.dispose]: () => removeFolder(path) };
}
