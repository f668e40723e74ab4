/** Something on this machine is in the way, such as a file that cannot be read. The message is a sentence. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}
