import { writeFileSync } from "node:fs";
import { NearError } from "nearts";

/** Writes a file that an option named; E_IO where that cannot be done. */
export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new NearError(
      "E_IO",
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      { file },
      { cause: error },
    );
  }
  console.error(`written: ${file}`);
}

/** Writes rows as JSON, one a line, where a file was named. */
export function writeJson(file: string | undefined, rows: readonly object[]): void {
  if (file !== undefined) writeText(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
