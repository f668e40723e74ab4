/** The command line is wrong, and nothing was run. The message is a sentence that says how it is right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A watch has missed changes, and whoever runs it takes that for an error. The message is a sentence. */
export class GapError extends Error {
  override readonly name = "GapError";
}
