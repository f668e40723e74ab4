/** The system's code of an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}

/** Like `ENOENT: no such file or directory`, without the call and the path that Node names too. */
export function systemReason(error: unknown): string {
  return String(error)
    .replace(/^Error: /, "")
    .replace(/, \w+( '.*')?$/s, "");
}
