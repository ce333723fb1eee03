import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NearError } from "nearts";
import { expect, onTestFinished } from "vitest";

/** A folder for one test, removed after it. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nearts-lab-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
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
