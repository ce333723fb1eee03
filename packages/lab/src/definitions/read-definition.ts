import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { type ParseError, parse, parseTree, printParseErrorCode } from "jsonc-parser";
import { NearError } from "nearts";
import { buildsOf } from "./builds.js";
import { type DataOptions, dataOf } from "./data-of.js";
import type { Definition } from "./definition.js";
import { fault, positionOf, type Source } from "./fault.js";
import { firstIssue } from "./issues.js";
import { checkKeys } from "./keys.js";
import { measuresOf } from "./measures-of.js";
import { loadModule } from "./modules.js";
import { settingsAt, written } from "./schema.js";

/**
 * Reads and checks an experiment: JSON with comments, or a module in JavaScript or TypeScript whose default export is one. Everything that it names is
 * looked up and every hash made once, so that what is wrong shows before any work. E_CONFIG says where; E_BAD_FILE, E_NOT_FOUND.
 */
export async function readDefinition(path: string, options: DataOptions = {}): Promise<Definition> {
  const { value, source } = await contentOf(resolve(path), path);
  const checked = written.safeParse(value, { reportInput: true });
  if (!checked.success) throw firstIssue(source, checked.error.issues, [], settingsAt);
  const { name = basename(path, extname(path)), about, k, seed, passes } = checked.data;
  const data = dataOf(checked.data.data, source, options);
  const measures = await measuresOf(checked.data.measures, source);
  const builds = await buildsOf(checked.data.engines, seed, source);
  return { path, name, ...(about === undefined ? {} : { about }), data, k, seed, passes, measures, builds };
}

async function contentOf(path: string, shown: string): Promise<{ readonly value: unknown; readonly source: Source }> {
  if ([".ts", ".mts", ".js", ".mjs"].includes(extname(path))) {
    const { exports } = await loadModule(path);
    if (exports["default"] !== undefined) return { value: exports["default"], source: { path: shown, file: path } };
    throw fault({ path: shown, file: path }, [], "the module has no default export, which is to be the definition");
  }
  const text = await textOf(path);
  try {
    return parsed(text, path, shown);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new NearError("E_CONFIG", `${shown}: lists and objects lie too deep in one another`, { path: shown }, { cause });
  }
}

function parsed(text: string, path: string, shown: string): { readonly value: unknown; readonly source: Source } {
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true };
  const tree = parseTree(text, errors, options);
  if (errors.length > 0 || tree === undefined) {
    const { offset, error } = errors[0] ?? { offset: 0, error: undefined };
    const { line, column } = positionOf(text, offset);
    const what = error === undefined ? "the file is empty" : `the file is no JSON: ${wordsOf(printParseErrorCode(error))}`;
    throw new NearError("E_CONFIG", `${shown}:${line}:${column}: ${what}`, { line, column });
  }
  checkKeys(tree, text, shown);
  return { value: parse(text, [], options) as unknown, source: { path: shown, file: path, json: { text, tree } } };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT"; // Node's own errors
    const message = missing ? `there is no definition ${JSON.stringify(path)}` : `${JSON.stringify(path)} cannot be read: ${String(cause)}`;
    throw new NearError(missing ? "E_NOT_FOUND" : "E_BAD_FILE", message, { path }, { cause });
  }
}

/** "CommaExpected" → "comma expected". */
function wordsOf(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
