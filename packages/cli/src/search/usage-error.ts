/** A command line that cannot be meant: reported with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
