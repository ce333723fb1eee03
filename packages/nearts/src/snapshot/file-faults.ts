import { NearError, show } from "../core/errors.js";

/** The usual reasons, by the system's code, each with its remedy. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not (EACCES); change the permissions",
  EISDIR: "it is a directory (EISDIR); name a file inside it",
  ELOOP: "it is a symbolic link (ELOOP); name the file that it leads to",
  ENOENT: "there is no such file or folder (ENOENT); check the path",
  ENOTDIR: "a part of the path is no folder (ENOTDIR); check the path",
  EPERM: "the system does not permit it (EPERM); change the permissions",
  EROFS: "the file system is read-only (EROFS); choose another place",
};

/** What is said when there is no room. */
const full: Readonly<Record<string, string>> = {
  EDQUOT: "this user's quota is used up (EDQUOT)",
  EFBIG: "it would be larger than files may be here (EFBIG)",
  ENOSPC: "the disk is full (ENOSPC)",
};

/** The error for a path, of whatever went wrong with it: E_FULL where there is no room, else E_IO. Errors that are a {@link NearError} already are passed on. */
export function fileFault(what: "load" | "save", path: string, cause: unknown): NearError {
  if (cause instanceof NearError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : show(cause);
  const doing = `cannot ${what} ${JSON.stringify(path)}`;
  if (Object.hasOwn(full, code)) {
    const message = `${doing}: ${full[code]}; what was there before is untouched: make room, or save elsewhere`;
    return new NearError("E_FULL", message, { path, system: code }, { cause });
  }
  const reason = reasons[code] ?? `the system says ${code}; check the path and the disk`;
  return new NearError("E_IO", `${doing}: ${reason}`, { path, system: code }, { cause });
}

/** The error for a path that leads to no regular file. */
export function notAFile(what: "load" | "save", path: string, kind: string): NearError {
  const code = kind === "directory" ? "EISDIR" : kind === "link" ? "ELOOP" : undefined;
  if (code !== undefined) return fileFault(what, path, Object.assign(new Error(code), { code }));
  const message = `cannot ${what} ${JSON.stringify(path)}: it is a pipe, a device or a socket; name a regular file, or pass a stream`;
  return new NearError("E_IO", message, { path, kind });
}
