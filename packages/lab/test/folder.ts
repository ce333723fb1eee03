import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NearError } from "nearts";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";

/** A folder for one test, removed after it. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nearts-lab-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for the tests of a file: made before the first that runs, and not where none does; removed after the last. */
export function folderOfFile(): string {
  const folder = join(tmpdir(), `nearts-lab-${randomUUID()}`);
  beforeAll(async () => {
    await mkdir(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The {@link NearError} that `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<NearError> {
  const outcome = await promise.then(
    () => "nothing: it resolved",
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(NearError);
  return outcome as NearError; // as the line above has made sure
}

/** Code and message of the {@link NearError} that `promise` rejects with. */
export async function complaint(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await failure(promise);
  return `${code} ${message}`;
}
