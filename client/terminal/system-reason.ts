/** The system's codes for trouble with files, in words with which a sentence can end. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "a part of the path is no folder",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
  EIO: "the disk fails",
  E2BIG: "it is too long",
};

/** As Node words what the system says: the code, the reason, the call and the path. */
const WORDED = /^E[A-Z0-9]+: (.+?), [a-z]+(?: '.*)?$/s;

/** Why the system refused, in a few words without a full stop. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return REASONS[systemCode(error) ?? ""] ?? WORDED.exec(message)?.[1] ?? message;
}

/** The system's code of an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const isCoded = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
  return isCoded ? String(error.code) : undefined;
}
