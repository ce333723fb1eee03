import { statfsSync } from "node:fs";
import { NearError } from "../../core/errors.js";

/** File systems over a network, by the number that Linux gives them (statfs(2)). */
const remote: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x5346414f, "AFS"],
]);

/** Refuses (E_UNSUPPORTED) a folder on another machine's disk: neither locks nor memory maps hold there what LMDB relies on. */
export function requireLocal(path: string): void {
  const name = nameOfRemote(statfsSync(path).type);
  if (name === undefined) return;
  throw new NearError(
    "E_UNSUPPORTED",
    `${JSON.stringify(path)} is on a disk over the network (${name}): name a folder on a disk of this machine`,
    {
      path,
      fileSystem: name,
    },
  );
}

/** What people call the file system with this number, if it is one over a network. */
export function nameOfRemote(type: number): string | undefined {
  return remote.get(type >>> 0);
}
